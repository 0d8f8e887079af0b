"""What a table, a view or a query offers to the query above it: named columns with type and lineage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlglot import exp

from featuremill_codegen.influences import NONE, How, Influences
from featuremill_codegen.types import SqlType


class Origin(NamedTuple):
    """A source table and one of its columns."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column, or an expression's value, which has no name.

    `type` is None where it isn't known for certain; `functions` are the Python functions that its values pass through;
    `node` is the expression that makes them, None for a source table's column.
    """

    name: str
    type: SqlType | None = None
    influences: Influences = NONE
    functions: frozenset[str] = frozenset()
    node: exp.Expr | None = None

    @property
    def origins(self) -> frozenset[Origin]:
        """The source columns that its values are made from, conditions in expressions included."""
        computed = (each for each in self.influences if each.how.is_direct or each.how is How.CONDITIONAL)
        return frozenset(Origin(each.table, each.column) for each in computed)


@dataclass(frozen=True, slots=True)
class Relation:
    """Columns by name. Where not `complete`, there may be others that can't be seen from SQL alone.

    `influences` decide which rows there are, and so reach every column.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    complete: bool = True
    influences: Influences = NONE


UNKNOWN = Relation(complete=False)


def relation(columns: list[Column], *, complete: bool = True, influences: Influences = NONE) -> Relation:
    """A relation of these columns; the second one of a name gets a number behind it, as in Flink."""
    by_name: dict[str, Column] = {}
    for column in columns:
        name = column.name
        number = 0
        while name in by_name:
            name = f"{column.name}{number}"
            number += 1
        by_name[name] = column if name == column.name else replace(column, name=name)
    return Relation(by_name, complete, influences)


def renamed(found: Relation, names: Sequence[str]) -> Relation:
    """The relation under `AS name (column, …)`; without names as it is."""
    if not names:
        return found
    columns = list(found.columns.values())
    if len(columns) != len(names):
        return relation([Column(name) for name in names], influences=found.influences)
    pairs = zip(columns, names, strict=True)
    return relation([replace(column, name=name) for column, name in pairs], influences=found.influences)
