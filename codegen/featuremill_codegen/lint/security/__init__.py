"""Rules about what must not stand in a repository."""

from __future__ import annotations

from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.security.literal_host import LiteralHost
from featuremill_codegen.lint.security.literal_secret import LiteralSecret

RULES: tuple[Rule, ...] = (LiteralSecret(), LiteralHost())
