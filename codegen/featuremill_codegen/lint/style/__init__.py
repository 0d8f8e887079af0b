"""Rules about how a pipeline is written, and about silences."""

from __future__ import annotations

from featuremill_codegen.lint.rule import Documented, Rule
from featuremill_codegen.lint.style.select_star import SelectStar
from featuremill_codegen.lint.style.silence_without_reason import SilenceWithoutReason
from featuremill_codegen.lint.style.unused_udf import UnusedUdf
from featuremill_codegen.lint.style.useless_silence import UselessSilence

RULES: tuple[Rule, ...] = (SelectStar(), UnusedUdf())
OF_SILENCES: tuple[type[Documented], ...] = (SilenceWithoutReason, UselessSilence)
"""What is found where silences are applied."""
