"""How cases went."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from featuremill_codegen.pipeline import Pipeline

from featuremill_local.cases.difference import Difference
from featuremill_local.cases.letters import DeadLetter
from featuremill_local.cases.outcome import Outcome
from featuremill_local.cases.parity import Twins
from featuremill_local.cases.reading import Case
from featuremill_local.cases.shuffling import Shuffle


@dataclass
class Result:
    """How a case went: what came out, what of it differs at the end and along the way, what was written.

    `missing` and `unexpected` are dead letters, `shuffle` is how other orders went; `error` says why nothing came out.
    """

    pipeline: Pipeline
    case: Case
    end: list[Difference] = field(default_factory=list)
    way: list[Difference] = field(default_factory=list)
    missing: list[DeadLetter] = field(default_factory=list)
    unexpected: list[DeadLetter] = field(default_factory=list)
    error: str = ""
    outcome: Outcome = field(default_factory=lambda: Outcome(()))
    written: list[Path] = field(default_factory=list)
    shuffle: Shuffle | None = None

    @property
    def name(self) -> str:
        """The case's name as it is shown."""
        return f"{self.pipeline.name}/{self.case.name}"

    @property
    def failed(self) -> bool:
        """Whether the case did not come out as expected, or did so in the order of its files alone."""
        return bool(self.error or self.differs or self.order_decides)

    @property
    def differs(self) -> bool:
        """Whether something else came out."""
        return bool(self.end or self.way or self.missing or self.unexpected)

    @property
    def order_decides(self) -> bool:
        """Whether another order gives other features, and the case doesn't say that it may."""
        deviates = self.shuffle is not None and self.shuffle.deviation is not None
        return deviates and self.case.told.order_matters is None


@dataclass
class ParityResult:
    """How a case of one of two twins went through both; `owner` is whose case it is. `error` says why it didn't."""

    twins: Twins
    owner: Pipeline
    case: Case
    differences: list[Difference] = field(default_factory=list)
    error: str = ""

    @property
    def name(self) -> str:
        """The case's name and the twins' as they are shown."""
        return f"{self.owner.name}/{self.case.name} through {self.twins.pipeline.name} and {self.twins.twin.name}"

    @property
    def failed(self) -> bool:
        """Whether the twins do not give the same."""
        return bool(self.error or self.differences)
