"""A batch pipeline's folder as the same frozen objects as a stream's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar, cast

from sqlglot import exp

from featuremill_codegen import contract
from featuremill_codegen.column_lineage import trace
from featuremill_codegen.config import load_config
from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.hive.rules import HiveRules
from featuremill_codegen.hive.statements import statements_of
from featuremill_codegen.hive.types import from_tree
from featuremill_codegen.hive.variables import FilledSource, fill
from featuremill_codegen.pipeline import Pipeline, View, feature_of, mistakes_of
from featuremill_codegen.relations import Relation
from featuremill_codegen.resolve import Environment, Resolver
from featuremill_codegen.source import read_source
from featuremill_codegen.statements import Statement
from featuremill_codegen.tables import SourceTable, TableColumn
from featuremill_codegen.types import TIMESTAMP_LTZ_3, SqlType

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


def load_batch(folder: Path, variables: Mapping[str, str] | None = None) -> Pipeline:
    """The HiveQL pipeline of a folder: its tables, views, query, types and lineage.

    `variables` are put in before the text is read; one without a value becomes a word. Raises PipelineError with every
    mistake that can be told apart.
    """
    shown = f"{folder.parent.name}/{folder.name}"
    values = variables or {}

    def statements(name: str) -> list[Statement]:
        return statements_of(fill(read_source(folder / name, f"{shown}/{name}"), values))

    (config, config_file), table_statements, all_statements = _all_read(
        lambda: load_config(read_source(folder / "feature.yaml", f"{shown}/feature.yaml"), "batch"),
        lambda: statements("source.hql"),
        lambda: statements("transform.hql"),
    )
    findings: list[Finding] = []
    found = [table for each in table_statements if (table := _table(each, findings)) is not None]
    tables = [table for _, table in found]
    views, query = _views_and_query(all_statements, findings, f"{shown}/transform.hql")
    if findings or query is None:
        raise PipelineError(findings)
    rules = HiveRules()
    relations: dict[str, Relation] = {name: table.relation() for name, table in found}
    environment = Environment(relations)
    types: dict[int, SqlType | None] = {}
    for view in views:
        resolver = Resolver(environment, rules)
        schema = view.statement.tree.this
        names = [each.name for each in schema.expressions] if isinstance(schema, exp.Schema) else []
        relations[rules.normal(view.name)] = resolver.relation_of(view.statement.tree.expression, names)
        types |= resolver.types
        findings.extend(mistakes_of(resolver, view.statement))
    resolver = Resolver(environment, rules)
    columns, complete, reaching = resolver.query(query.tree)
    findings.extend(mistakes_of(resolver, query))
    if findings:
        raise PipelineError(findings)
    draft = contract.Draft(config, config_file, query, tuple(columns), complete, TIMESTAMP_LTZ_3)
    terms = contract.check(draft, findings)
    if findings or terms is None:
        raise PipelineError(findings)
    lineage = trace(columns, reaching, tables, [*(view.statement for view in views), query])
    return Pipeline(
        name=folder.name,
        folder=folder,
        mode="batch",
        config=config,
        config_file=config_file,
        tables=tuple(tables),
        views=tuple(views),
        query=query,
        columns=tuple(columns),
        key_types=terms.key_types,
        event_time_type=terms.event_time_type,
        features=tuple(feature_of(config, name, kind, lineage[name]) for name, kind, _ in terms.features),
        udfs=(),
        udf_source=None,
        requirements=(),
        environment=environment,
        types=types | resolver.types,
        lineage=lineage,
    )


def _all_read(config: Callable[[], A], tables: Callable[[], B], queries: Callable[[], C]) -> tuple[A, B, C]:
    """The three, each read even where another has mistakes. Raises PipelineError with those of all."""
    findings: list[Finding] = []
    read: list[A | B | C] = []
    for step in (config, tables, queries):
        try:
            read.append(step())
        except PipelineError as error:
            findings.extend(error.findings)
    if findings:
        raise PipelineError(findings)
    return cast("tuple[A, B, C]", tuple(read))


def _table(statement: Statement, findings: list[Finding]) -> tuple[str, SourceTable] | None:
    """A CREATE TABLE's name as queries use it, and the table, partition columns last.

    None (and a finding) for another statement.
    """
    create = statement.tree
    if not isinstance(create, exp.Create) or create.args.get("kind") != "TABLE" or create.args.get("expression"):
        message = "This statement doesn't belong in source.hql."
        findings.append(statement.finding("FM102", message, help="source.hql holds CREATE [EXTERNAL] TABLE"))
        return None
    schema = create.this
    name = ".".join(part.name.lower() for part in (schema.this if isinstance(schema, exp.Schema) else schema).parts)
    partitions = [each.this for each in create.find_all(exp.PartitionedByProperty) if isinstance(each.this, exp.Schema)]
    nodes = [
        each
        for part in (schema, *partitions)
        if isinstance(part, exp.Schema)
        for each in part.expressions
        if isinstance(each, exp.ColumnDef)
    ]
    columns = []
    for each in nodes:
        kind = from_tree(each.args.get("kind"))
        if kind is None:
            message = f"The type of `{each.name}` is not one of Hive's."
            findings.append(
                statement.finding("FM101", message, each.this, help="for example STRING, BIGINT, TIMESTAMP")
            )
        columns.append(TableColumn(each.name.lower(), kind, "physical"))
    written = statement.source.as_written(name) if isinstance(statement.source, FilledSource) else name
    return name, SourceTable(written, statement, tuple(columns), {}, None, frozenset())


def _views_and_query(
    statements: list[Statement], findings: list[Finding], path: str
) -> tuple[list[View], Statement | None]:
    views: list[View] = []
    queries: list[Statement] = []
    for statement in statements:
        tree = statement.tree
        if isinstance(tree, exp.Create) and tree.args.get("kind") == "VIEW" and not queries:
            schema = tree.this
            views.append(View((schema.this if isinstance(schema, exp.Schema) else schema).name, statement))
        elif isinstance(tree, exp.Query):
            queries.append(statement)
        else:
            message = "This statement doesn't belong here."
            help = "transform.hql holds CREATE TEMPORARY VIEW, then one query; the platform writes its rows"
            findings.append(statement.finding("FM102", message, help=help))
    if not queries:
        help = "end the file with a SELECT: key column(s), features"
        findings.append(Finding(path, 0, 0, "FM102", "There is no query in this file.", help))
    for extra in queries[1:]:
        message = "There is a second query; a pipeline has one."
        findings.append(extra.finding("FM102", message, help="join them, or make two pipelines"))
    return views, queries[0] if queries else None
