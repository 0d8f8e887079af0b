"""What can be exercised: columns and features, branches of expressions, predicates; and what has been seen of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from featuremill_codegen.errors import Finding

TRUE, FALSE, NULL = "true", "false", "null"


@dataclass
class Item:
    """A place of a query. `kind` is `column`, `feature`, `branch` or `predicate`, `text` what stands there.

    `outcomes` are what can happen there, `seen` what did; `unknown` says why that can't be told.
    """

    kind: str
    place: Finding
    text: str
    outcomes: tuple[str, ...]
    seen: set[str] = field(default_factory=set)
    unknown: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """What never happened."""
        return tuple(each for each in self.outcomes if each not in self.seen)


@dataclass
class Exercised:
    """The items of a pipeline, in the order of their places."""

    pipeline: str
    cases: int
    items: list[Item]
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many outcomes can be told of."""
        return sum(len(item.outcomes) for item in self.items if not item.unknown)

    @property
    def seen(self) -> int:
        """How many of them happened."""
        return sum(len(item.outcomes) - len(item.missing) for item in self.items if not item.unknown)

    @property
    def percent(self) -> float:
        """Their share; 100 of nothing."""
        return 100.0 * self.seen / self.total if self.total else 100.0
