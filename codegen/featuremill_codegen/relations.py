"""What a table, a view or a query offers to the query above it: named columns with type and origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from featuremill_codegen.types import SqlType

Origin = tuple[str, str]
"""A source table and one of its columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `type` is None where it isn't known for certain; `origins` are the source columns it is made from."""

    name: str
    type: SqlType | None = None
    origins: frozenset[Origin] = frozenset()


@dataclass(frozen=True, slots=True)
class Relation:
    """Columns by name. Where not `complete`, there may be others that can't be seen from SQL alone."""

    columns: Mapping[str, Column] = field(default_factory=dict)
    complete: bool = True


UNKNOWN = Relation(complete=False)


def relation(columns: list[Column], *, complete: bool = True) -> Relation:
    """A relation of these columns; of two with one name the first counts, as ambiguity is the planner's business."""
    by_name: dict[str, Column] = {}
    for column in columns:
        by_name.setdefault(column.name, column)
    return Relation(by_name, complete)
