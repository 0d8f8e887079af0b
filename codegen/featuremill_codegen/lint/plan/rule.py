"""What a rule on plans is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.plan.planned import Planned
from featuremill_codegen.lint.rule import STREAM, Documented


class PlanRule(Documented, ABC):
    """A rule that looks at a pipeline's plan: `check` runs it, lint only knows its page."""

    modes = STREAM

    @abstractmethod
    def check(self, planned: Planned) -> Iterator[Finding]:
        """The findings in one pipeline."""
