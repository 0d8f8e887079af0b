"""Columns that the query reads, and features that it gives: whether a case has a value of each."""

from __future__ import annotations

from collections.abc import Sequence

from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.tables import SourceTable
from sqlglot import exp

from featuremill_local.cases.reading import Case
from featuremill_local.coverage.items import Item

VALUE = "a value"


def column_items(pipeline: Pipeline, cases: Sequence[Case]) -> list[Item]:
    """An item for each column of a source table that reaches an answer: its value, or which rows there are."""
    read = {(each.origin.table, each.origin.column) for lineage in pipeline.lineage.values() for each in lineage.inputs}
    given = {
        (each.table.name, name)
        for case in cases
        for each in case.inputs
        for line in each.lines
        for name, member in line.members.items()
        if member.value is not None
    }
    items = []
    for table in pipeline.tables:
        for column in table.columns:
            if column.kind != "computed" and (table.name, column.name) in read:
                found = finding_at(table.statement, "column", "", _definition(table, column.name))
                seen = {VALUE} if (table.name, column.name) in given else set()
                items.append(Item("column", found, f"{table.name}.{column.name}", (VALUE,), seen))
    return items


def _definition(table: SourceTable, name: str) -> exp.Expr | None:
    """Where the column is declared, in HiveQL in letters of either case."""
    definitions = [each.this for each in table.statement.tree.find_all(exp.ColumnDef)]
    return next((each for each in definitions if name in (each.name, each.name.lower())), None)


def feature_items(pipeline: Pipeline, cases: Sequence[Case]) -> list[Item]:
    """An item for each feature: whether a case expects a value of it."""
    expected = {
        name
        for case in cases
        for row in (*(case.expected or ()), *(case.changelog or ()))
        for name, value in row.features.items()
        if value is not None
    }
    nodes = {output.column.name: output.node for output in pipeline.columns}
    items = []
    for feature in pipeline.features:
        node = nodes[feature.name]
        found = finding_at(pipeline.query, "feature", "", node.args["alias"] if isinstance(node, exp.Alias) else node)
        seen = {VALUE} if feature.name in expected else set()
        items.append(Item("feature", found, feature.name, (VALUE,), seen))
    return items
