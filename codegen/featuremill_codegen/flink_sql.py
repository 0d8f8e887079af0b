"""Flink SQL as a pipeline's folder holds it: source.sql and transform.sql of a stream."""

from __future__ import annotations

from collections.abc import Callable

from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.flink_rules import FlinkRules
from featuremill_codegen.language import Language, Values
from featuremill_codegen.refusals import Refusal, of_source, of_transform
from featuremill_codegen.source import SourceFile
from featuremill_codegen.statements import Chunk, Statement, cut, parse
from featuremill_codegen.tables import read_table
from featuremill_codegen.udfs import find_udfs
from featuremill_codegen.variables import BOOTSTRAP_SERVERS, misplaced_variables, variables_in


def _tables(source: SourceFile, _: Values, findings: list[Finding]) -> list[Statement]:
    return _statements(source, of_source, findings)


def _queries(source: SourceFile, _: Values, findings: list[Finding]) -> list[Statement]:
    return _statements(source, of_transform, findings)


def _statements(
    source: SourceFile, refusal: Callable[[Chunk], Refusal | None], findings: list[Finding]
) -> list[Statement]:
    """The file's statements, parsed; those that don't belong here become findings. Variables stay in their texts."""
    statements: list[Statement] = []
    chunks = cut(source)
    if not chunks:
        raise PipelineError([Finding(source.path, 0, 0, "FM100", "There is no statement in this file.")])
    for chunk in chunks:
        misplaced = misplaced_variables(source, chunk.tokens)
        if misplaced:
            findings.extend(misplaced)
            continue
        refused = refusal(chunk)
        if refused is not None:
            first = chunk.tokens[0]
            findings.append(source.finding("FM102", refused.message, first.start, first.end + 1, help=refused.help))
            continue
        try:
            statements.append(parse(source, chunk))
        except PipelineError as error:
            findings.extend(error.findings)
    return statements


FLINK_SQL = Language(
    mode="stream",
    suffix=".sql",
    rules=FlinkRules(),
    tables=_tables,
    queries=_queries,
    table=read_table,
    functions=find_udfs,
    variables=lambda statement: variables_in(statement.tokens),
    own_variables=frozenset({BOOTSTRAP_SERVERS}),
    default_event_time=None,
)
