"""Source tables: a CREATE TABLE as columns, options with their places, and a watermark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from featuremill_codegen.dialect.columns import MetadataColumnConstraint
from featuremill_codegen.errors import Finding
from featuremill_codegen.expressions import expression_column
from featuremill_codegen.influences import NONE, How, Influence, Influences
from featuremill_codegen.names import RESERVED_TABLES
from featuremill_codegen.relations import Column, Relation
from featuremill_codegen.resolve import Environment, Resolver
from featuremill_codegen.statements import Statement, span
from featuremill_codegen.types import SqlType, from_tree


@dataclass(frozen=True, slots=True)
class TableOption:
    """A value of WITH (…), and the tree node of the key and of the value for their places."""

    value: str
    key_node: exp.Expr
    value_node: exp.Expr


@dataclass(frozen=True, slots=True)
class TableColumn:
    """`kind` is `physical`, `computed`, `metadata` or `partition`; `type` None where a computed column's isn't certain.

    `influences` is how the table's own columns reach a computed one.
    """

    name: str
    type: SqlType | None
    kind: str
    influences: Influences = NONE


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table that the pipeline reads. `watermark` is the event-time column, where there is one.

    `name` is as it is written, `relation_name` what queries find it by: HiveQL's variables are put in there.
    """

    name: str
    relation_name: str
    statement: Statement
    columns: tuple[TableColumn, ...]
    options: Mapping[str, TableOption]
    watermark: str | None

    @property
    def connector(self) -> str:
        """The connector's identifier, empty where there is none."""
        return self.option("connector")

    def option(self, key: str) -> str:
        """The option's value, empty where it isn't set."""
        return self.options[key].value if key in self.options else ""

    def relation(self) -> Relation:
        """What queries see of the table."""
        return Relation(
            {
                each.name: Column(each.name, each.type, frozenset({Influence(self.name, each.name, How.IDENTITY)}))
                for each in self.columns
            }
        )


def read_table(statement: Statement, findings: list[Finding]) -> SourceTable | None:
    """The table that the statement creates; None (and a finding) where it is not one a pipeline may have."""
    create = statement.tree
    assert isinstance(create, exp.Create)
    schema = create.this
    name = schema.this if isinstance(schema, exp.Schema) else schema
    reserved = _refusal(create, name)
    if reserved:
        message, help, node = reserved
        findings.append(statement.finding("FM117", message, node, help=help))
        return None
    options = _options(statement, findings)
    columns, watermark = _columns(statement, name.name, schema, findings)
    return SourceTable(name.name, name.name, statement, columns, options, watermark)


def _refusal(create: exp.Create, name: exp.Expr) -> tuple[str, str, exp.Expr | None] | None:
    if name.name in RESERVED_TABLES:
        return f"`{name.name}` is a table that the platform makes.", "give it another name", name
    if name.args.get("db"):
        return "A source table has a plain name, without a database.", "", name
    if create.args.get("expression") is not None:
        return "CREATE TABLE … AS SELECT doesn't belong here.", "write the SELECT as a view in transform.sql", None
    if create.find(exp.TemporaryProperty):
        help = "write CREATE TABLE: the options of a temporary table can't be changed for a local run"
        return "A source table is not TEMPORARY.", help, None
    if create.find(exp.LikeProperty):
        return "CREATE TABLE … LIKE is not supported yet.", "write the columns out", None
    return None


def _options(statement: Statement, findings: list[Finding]) -> dict[str, TableOption]:
    options: dict[str, TableOption] = {}
    properties = statement.tree.args.get("properties")
    for each in properties.expressions if properties else ():
        if type(each) is not exp.Property:
            continue
        key, value = each.this, each.args.get("value")
        if not (isinstance(key, exp.Literal) and isinstance(value, exp.Literal) and key.is_string and value.is_string):
            findings.append(statement.finding("FM101", "An option is written 'key' = 'value'.", each))
        elif key.name in options:
            findings.append(statement.finding("FM101", f"The option '{key.name}' stands here twice.", key))
        else:
            options[key.name] = TableOption(value.name, key, value)
    if not any(key == "connector" for key in options):
        message = "This table has no connector."
        findings.append(statement.finding("FM121", message, help="for example WITH ('connector' = 'kafka', …)"))
    return options


def _columns(
    statement: Statement, name: str, schema: exp.Expr, findings: list[Finding]
) -> tuple[tuple[TableColumn, ...], str | None]:
    columns: list[TableColumn] = []
    watermark = None
    computed: list[tuple[int, exp.Expr]] = []
    for each in schema.expressions if isinstance(schema, exp.Schema) else ():
        if isinstance(each, exp.WatermarkColumnConstraint):
            watermark = each.this.name
        if not isinstance(each, exp.ColumnDef):
            continue
        if any(column.name == each.name for column in columns):
            findings.append(statement.finding("FM101", f"The column `{each.name}` stands here twice.", each.this))
            continue
        kinds = [constraint.kind for constraint in each.args.get("constraints") or ()]
        formula = next((kind for kind in kinds if isinstance(kind, exp.ComputedColumnConstraint)), None)
        if formula is not None:
            if formula.this is None:
                message = f"The column `{each.name}` is computed from nothing."
                findings.append(statement.finding("FM101", message, each.this, help="write an expression behind AS"))
                continue
            computed.append((len(columns), formula.this))
            columns.append(TableColumn(each.name, None, "computed"))
            continue
        kind = from_tree(each.args.get("kind"))
        if kind is None:
            message = f"The type of `{each.name}` is not one of Flink's."
            node = each.args.get("kind")
            if node is None or span(node)[0] is None:
                node = each.this
            findings.append(
                statement.finding("FM101", message, node, help="for example STRING, BIGINT, TIMESTAMP_LTZ(3)")
            )
        metadata = any(isinstance(constraint, MetadataColumnConstraint) for constraint in kinds)
        columns.append(TableColumn(each.name, kind, "metadata" if metadata else "physical"))
    physical = [each for each in columns if each.kind != "computed"]
    for index, expression in computed:
        found = _computed(name, expression, physical)
        columns[index] = TableColumn(columns[index].name, found.type, "computed", found.influences)
    return tuple(columns), watermark


def _computed(table: str, formula: exp.Expr, physical: list[TableColumn]) -> Column:
    """The value of a computed column's formula, which sees the columns that aren't computed."""
    resolver = Resolver(Environment({}))
    scope = resolver.scope()
    columns = [
        Column(each.name, each.type, frozenset({Influence(table, each.name, How.IDENTITY)})) for each in physical
    ]
    scope.add("", Relation({each.name: each for each in columns}))
    return expression_column(formula, scope, resolver)
