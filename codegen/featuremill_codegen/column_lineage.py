"""Where a column of a pipeline's query comes from: source columns, Python functions, and the place that makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from featuremill_codegen.influences import How, Influence, Influences, combined
from featuremill_codegen.relations import Origin
from featuremill_codegen.resolve import OutputColumn
from featuremill_codegen.statements import Statement, span
from featuremill_codegen.tables import SourceTable


@dataclass(frozen=True, slots=True)
class Input:
    """A source column and the ways in which it reaches, direct ones first."""

    origin: Origin
    ways: tuple[How, ...]

    @property
    def is_source(self) -> bool:
        """Whether values are computed from it; not where it only decides over rows."""
        return any(way.is_direct or way is How.CONDITIONAL for way in self.ways)

    @property
    def is_direct(self) -> bool:
        """Whether values come from it."""
        return any(way.is_direct for way in self.ways)


@dataclass(frozen=True, slots=True)
class ColumnLineage:
    """`inputs` by table and column; `functions` are the Python functions on the way, sorted; `file` and `line` (from 1)
    are where the expression stands that makes the values.
    """

    inputs: tuple[Input, ...]
    functions: tuple[str, ...]
    file: str
    line: int

    @property
    def sources(self) -> tuple[str, ...]:
        """`table.column` of what the values are computed from, sorted."""
        return tuple(f"{each.origin.table}.{each.origin.column}" for each in self.inputs if each.is_source)


def trace(
    columns: Sequence[OutputColumn],
    reaching: Influences,
    tables: Sequence[SourceTable],
    statements: Sequence[Statement],
) -> dict[str, ColumnLineage]:
    """The lineage of a query's columns by name; `reaching` is what decides over its rows.

    Computed columns of tables give way to the columns that they are computed from. `statements` are those in which the
    columns' nodes stand, the query last.
    """
    computed = {
        Origin(table.name, column.name): column.influences
        for table in tables
        for column in table.columns
        if column.kind == "computed"
    }
    rows = _expanded(reaching, computed)
    roots = {id(statement.tree): statement for statement in statements}
    traced: dict[str, ColumnLineage] = {}
    for column in columns:
        found = _expanded(column.column.influences, computed) | rows
        statement, line = _place(column, roots, statements[-1])
        traced[column.column.name] = ColumnLineage(
            _inputs(found), tuple(sorted(column.column.functions)), statement.source.path, line
        )
    return traced


def _expanded(influences: Influences, computed: Mapping[Origin, Influences]) -> Influences:
    found: set[Influence] = set()
    for each in influences:
        inner = computed.get(Origin(each.table, each.column))
        if inner is None:
            found.add(each)
        else:
            found.update(Influence(one.table, one.column, combined(one.how, each.how)) for one in inner)
    return frozenset(found)


def _inputs(influences: Influences) -> tuple[Input, ...]:
    order = list(How)
    ways: dict[Origin, set[How]] = {}
    for each in influences:
        ways.setdefault(Origin(each.table, each.column), set()).add(each.how)
    return tuple(Input(origin, tuple(sorted(ways[origin], key=order.index))) for origin in sorted(ways))


def _place(column: OutputColumn, roots: Mapping[int, Statement], query: Statement) -> tuple[Statement, int]:
    """The statement and line of the expression that makes a column; of the column's own, where it is only named."""
    node = column.column.node if column.column.node is not None else column.node
    if node is None:
        return query, query.finding("", "").line
    statement = roots.get(id(node.root()), query)
    placed: exp.Expr | None = node
    while placed is not None and span(placed)[0] is None:  # COUNT(*) keeps no place: its alias does
        placed = placed.parent
    return statement, statement.finding("", "", placed).line
