"""What differs between the two kinds of pipeline, as loading asks for it: a stream's Flink SQL, a batch's HiveQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from featuremill_codegen.errors import Finding
from featuremill_codegen.rules import Rules
from featuremill_codegen.source import SourceFile
from featuremill_codegen.statements import Statement
from featuremill_codegen.tables import SourceTable
from featuremill_codegen.types import SqlType
from featuremill_codegen.udfs import Udf

Values = Mapping[str, str]
"""Variables by name."""
StatementsOf = Callable[[SourceFile, Values, list[Finding]], list[Statement]]
"""The statements of a file; those that don't belong there become findings. Raises PipelineError for the file itself."""


@dataclass(frozen=True)
class Language:
    """One of the two. `mode` is `stream` or `batch`; its files end with `suffix`."""

    mode: str
    suffix: str
    rules: Rules
    tables: StatementsOf
    """Reads source.sql or source.hql."""
    queries: StatementsOf
    """Reads transform.sql or transform.hql: each statement is a query or a CREATE VIEW."""
    table: Callable[[Statement, list[Finding]], SourceTable | None]
    """The table of a CREATE TABLE; None (and a finding) where it is not one that a pipeline may have."""
    functions: Callable[[SourceFile], tuple[Udf, ...]]
    """The Python functions of udf_def.py. Raises PipelineError."""
    variables: Callable[[Statement], Iterable[str]]
    """The names of the variables that a statement holds."""
    own_variables: frozenset[str]
    """Those that run.py needs whatever the pipeline says."""
    default_event_time: SqlType | None
    """The type of an event time that the query need not have: a batch's is the end of its day."""
