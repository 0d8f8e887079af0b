"""Source tables of HiveQL: a CREATE TABLE as columns, those that it is partitioned by last."""

from __future__ import annotations

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.hive.types import from_tree
from featuremill_codegen.hive.variables import FilledSource
from featuremill_codegen.statements import Statement
from featuremill_codegen.tables import SourceTable, TableColumn


def read_table(statement: Statement, findings: list[Finding]) -> SourceTable | None:
    """The table that the statement creates; a type that isn't Hive's becomes a finding."""
    create = statement.tree
    schema = create.this
    name = ".".join(part.name.lower() for part in (schema.this if isinstance(schema, exp.Schema) else schema).parts)
    columns = [_column(statement, each, "physical", findings) for each in _definitions(schema)]
    for partitions in create.find_all(exp.PartitionedByProperty):
        columns += [_column(statement, each, "partition", findings) for each in _definitions(partitions.this)]
    assert isinstance(statement.source, FilledSource)
    return SourceTable(statement.source.as_written(name), name, statement, tuple(columns), {}, None)


def _definitions(schema: exp.Expr) -> list[exp.ColumnDef]:
    return [each for each in schema.expressions if isinstance(each, exp.ColumnDef)]


def _column(statement: Statement, definition: exp.ColumnDef, kind: str, findings: list[Finding]) -> TableColumn:
    found = from_tree(definition.args.get("kind"))
    if found is None:
        message = f"The type of `{definition.name}` is not one of Hive's."
        help = "for example STRING, BIGINT, TIMESTAMP"
        findings.append(statement.finding("FM101", message, definition.this, help=help))
    return TableColumn(definition.name.lower(), found, kind)
