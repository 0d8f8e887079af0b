"""Source tables of HiveQL: a CREATE TABLE as columns, those that it is partitioned by last, and options."""

from __future__ import annotations

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.hive.types import from_tree
from featuremill_codegen.hive.variables import FilledSource
from featuremill_codegen.statements import Statement
from featuremill_codegen.tables import SourceTable, TableColumn, TableOption

LOCATION = "location"
"""The option that LOCATION '…' becomes."""


def read_table(statement: Statement, findings: list[Finding]) -> SourceTable | None:
    """The table that the statement creates; a type that isn't Hive's becomes a finding."""
    create = statement.tree
    schema = create.this
    name = ".".join(part.name.lower() for part in (schema.this if isinstance(schema, exp.Schema) else schema).parts)
    partitions = [each.this.expressions for each in create.find_all(exp.PartitionedByProperty)]
    # PARTITIONED BY (dt STRING) adds a column, PARTITIONED BY (dt) names one of those before.
    named = {each.name.lower() for part in partitions for each in part if not isinstance(each, exp.ColumnDef)}
    columns = [_column(statement, each, findings, named) for each in _definitions(schema.expressions)]
    for part in partitions:
        columns += [_column(statement, each, findings, {each.name.lower()}) for each in _definitions(part)]
    assert isinstance(statement.source, FilledSource)
    written = statement.source.as_written(name)
    return SourceTable(written, name, statement, tuple(columns), _options(statement, statement.source), None)


def _definitions(nodes: list[exp.Expr]) -> list[exp.ColumnDef]:
    return [each for each in nodes if isinstance(each, exp.ColumnDef)]


def _column(
    statement: Statement, definition: exp.ColumnDef, findings: list[Finding], partitions: set[str]
) -> TableColumn:
    found = from_tree(definition.args.get("kind"))
    if found is None:
        message = f"The type of `{definition.name}` is not one of Hive's."
        help = "for example STRING, BIGINT, TIMESTAMP"
        findings.append(statement.finding("FM101", message, definition.this, help=help))
    name = definition.name.lower()
    return TableColumn(name, found, "partition" if name in partitions else "physical")


def _options(statement: Statement, source: FilledSource) -> dict[str, TableOption]:
    """What TBLPROPERTIES, SERDEPROPERTIES and OPTIONS say, and where the table lies; values as they are written."""
    options: dict[str, TableOption] = {}
    for each in statement.tree.find_all(exp.Property):
        value = each.args.get("value")
        if type(each) is exp.Property and isinstance(each.this, exp.Expr) and isinstance(value, exp.Literal):
            options[each.this.name] = TableOption(source.as_written(value.name), each.this, value)
    for location in statement.tree.find_all(exp.LocationProperty):
        options[LOCATION] = TableOption(source.as_written(location.this.name), location.this, location.this)
    return options
