"""What Spark's physical plan of a batch reads, how often its rows change their place, and what it joins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TableRead:
    """A table and the conditions by which its partitions are chosen. A table that is read twice is there twice."""

    table: str
    partitioned_by: tuple[str, ...]
    partition_filters: tuple[str, ...]
    is_read_whole: bool
    """Whether every partition is read: no condition chooses, or there are no partitions."""


@dataclass(frozen=True, slots=True)
class Shuffle:
    """Rows change their place: `way` is Spark's name of where to, `keys` are what rows of one place have in common."""

    way: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """`way` is Spark's name of the operator, `type` that of SQL; `on` are the conditions that it joins by."""

    way: str
    type: str
    on: tuple[str, ...]

    @property
    def compares_every_pair(self) -> bool:
        """Whether each row of one side meets each row of the other."""
        return self.way in ("CartesianProduct", "BroadcastNestedLoopJoin")


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """The plan's tables, shuffles and joins, each from the sources on."""

    tables: tuple[TableRead, ...]
    shuffles: tuple[Shuffle, ...]
    joins: tuple[Join, ...]


def read_batch_plan(answer: Mapping[str, Any]) -> BatchPlan:
    """The plan of an answer of `spark_job.py`."""
    tables = (
        TableRead(each["table"], tuple(each["partitioned_by"]), filters, not filters)
        for each in answer["tables"]
        for filters in [tuple(each["partition_filters"])]
    )
    shuffles = (Shuffle(each["way"], tuple(each["keys"])) for each in answer["shuffles"])
    joins = (Join(each["way"], each["type"], tuple(each["on"])) for each in answer["joins"])
    return BatchPlan(tuple(tables), tuple(shuffles), tuple(joins))
