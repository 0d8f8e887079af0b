"""HiveQL as a pipeline's folder holds it: source.hql and transform.hql of a batch."""

from __future__ import annotations

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.hive.rules import HiveRules
from featuremill_codegen.hive.statements import statements_of
from featuremill_codegen.hive.tables import read_table
from featuremill_codegen.hive.udfs import PYSPARK
from featuremill_codegen.hive.variables import FilledSource, fill
from featuremill_codegen.language import Language, Values
from featuremill_codegen.source import SourceFile
from featuremill_codegen.statements import Statement
from featuremill_codegen.types import TIMESTAMP_LTZ_3
from featuremill_codegen.udfs import find_udfs


def _tables(source: SourceFile, values: Values, findings: list[Finding]) -> list[Statement]:
    statements: list[Statement] = []
    for statement in statements_of(fill(source, values), tables=True):
        tree = statement.tree
        if isinstance(tree, exp.Create) and tree.args.get("kind") == "TABLE" and tree.expression is None:
            statements.append(statement)
        else:
            message = "This statement doesn't belong in source.hql."
            findings.append(statement.finding("FM102", message, help="source.hql holds CREATE [EXTERNAL] TABLE"))
    return statements


def _queries(source: SourceFile, values: Values, findings: list[Finding]) -> list[Statement]:
    statements: list[Statement] = []
    for statement in statements_of(fill(source, values)):
        tree = statement.tree
        if isinstance(tree, exp.Query) or (isinstance(tree, exp.Create) and tree.args.get("kind") == "VIEW"):
            statements.append(statement)
        else:
            message = "This statement doesn't belong here."
            help = "transform.hql holds CREATE TEMPORARY VIEW, then one query; the platform writes its rows"
            findings.append(statement.finding("FM102", message, help=help))
    return statements


def _variables(statement: Statement) -> tuple[str, ...]:
    assert isinstance(statement.source, FilledSource)
    return statement.source.variables_in(statement.tokens[0].start, statement.tokens[-1].end + 1)


HIVEQL = Language(
    mode="batch",
    suffix=".hql",
    rules=HiveRules(),
    tables=_tables,
    queries=_queries,
    table=read_table,
    functions=lambda source: find_udfs(source, PYSPARK),
    variables=_variables,
    own_variables=frozenset(),
    default_event_time=TIMESTAMP_LTZ_3,
)
