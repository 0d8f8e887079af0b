"""A pipeline with its engine's plan, as the rules on plans see it. `check` makes it; no rule asks an engine itself."""

from __future__ import annotations

from dataclasses import dataclass

from featuremill_codegen.pipeline import Pipeline

INSERT = "INSERT"


@dataclass(frozen=True, slots=True)
class State:
    """One state of an operator: what it keeps, for how long after a change (None: for ever), and how much.

    `entry` is what there is one of (`one for each page`), `entry_bytes` the estimate of its size.
    """

    name: str
    ttl_ms: int | None
    entry: str
    entry_bytes: int


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator that keeps state. `keys` are the columns that its input is distributed by.

    `drops` is what takes state away beside a time to live (`when its window is over`), empty where nothing does.
    `windowed` says that a key is a column of a window, although the operator is none of a window's.
    """

    kind: str
    description: str
    keys: tuple[str, ...]
    states: tuple[State, ...]
    drops: str = ""
    windowed: bool = False

    @property
    def is_unbounded(self) -> bool:
        """Whether some of its state is never dropped."""
        return not self.drops and any(state.ttl_ms is None for state in self.states)


@dataclass(frozen=True, slots=True)
class Planned:
    """A pipeline and its plan.

    `changes` are the kinds of rows that the query emits; `upsert_keys` the columns that identify a row of an updating
    query (several ways, or none), None where the query keeps to the entity's keys or never updates.
    `nondeterministic` and `advice` are Flink's own words.
    """

    pipeline: Pipeline
    changes: tuple[str, ...]
    operators: tuple[Operator, ...]
    upsert_keys: tuple[tuple[str, ...], ...] | None = None
    nondeterministic: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()

    @property
    def is_updating(self) -> bool:
        """Whether the query takes rows back."""
        return any(change != INSERT for change in self.changes)
