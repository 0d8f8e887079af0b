"""What Flink refuses, as a finding in the person's own file."""

from __future__ import annotations

import re

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.plan.watermark_lost import HELP, LOST, WatermarkLost
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.statements import Statement
from featuremill_codegen.tables import SourceTable

from featuremill_local.check.engines import REFUSED
from featuremill_local.check.java_errors import JavaError, read_error
from featuremill_local.check.sql_places import LINES_BEFORE_THE_QUERY, offset

FUNCTIONS = "FM608"
_TABLE = re.compile(r"(?:reading table|writing table|of table|of tables?) '(?:\w+\.){0,2}(\w+)'")
_NO_FUNCTION = re.compile(r"No match found for function signature (\w+)\((.*)\)")
_NO_COLUMN = re.compile(r"Column '([^']+)' not found in (?:any table|table '?([^']*)'?)")
_FACTORY = re.compile(r"Could not find any factory for identifier '([^']+)'\.?")
_UDF_PLACE = re.compile(r"udf_def\.py:(\d+): (.*)", re.DOTALL)


def refusal(pipeline: Pipeline, stage: str, said: str) -> Finding:
    """The finding for what was said at a stage of `planner_job.py`."""
    if stage == "functions":
        return of_functions(pipeline, said)
    error = read_error(said)
    statement = statement_of(pipeline, stage)
    message, help = _reworded(pipeline, error)
    if LOST.search(" ".join(error.causes)):
        return _lost(pipeline, statement, error, message)
    table = _table(pipeline, stage, error)
    if table is not None and not error.line:
        return _of_table(table, error, message, help)
    if statement is None:
        return pipeline.query.finding(REFUSED, message, help=help)
    span = _span(pipeline, statement, error)
    if span is None:
        return statement.finding(REFUSED, message, help=help)
    return statement.source.finding(REFUSED, message, *span, help=help)


def statement_of(pipeline: Pipeline, stage: str) -> Statement | None:
    """The person's own statement that a stage executes; None for what code generation adds."""
    kind, _, which = stage.partition(":")
    if kind in ("table", "format"):
        return next(each.statement for each in pipeline.tables if each.name == which)
    if kind == "view":
        return pipeline.views[int(which)].statement
    return pipeline.query if kind == "query" else None


def _span(pipeline: Pipeline, statement: Statement, error: JavaError) -> tuple[int, int] | None:
    if not error.line:
        return None
    before = LINES_BEFORE_THE_QUERY if statement is pipeline.query else 0
    start = offset(statement, error.line, error.column, before)
    end = offset(statement, error.end_line, error.end_column, before)
    if start is None:
        return None
    return start, end if end is not None and end > start else start + 1


def _reworded(pipeline: Pipeline, error: JavaError) -> tuple[str, str]:
    """The message for a person, and the mend where it is plain."""
    found = _NO_FUNCTION.search(error.message)
    if found is not None:
        arguments = re.sub(r"<(\w+)>", r"\1", found[2]) or "no argument"
        return f"Flink has no function {found[1]} for these arguments: {arguments}.", ""
    found = _NO_COLUMN.search(error.message)
    if found is not None:
        names = {column.name for table in pipeline.tables for column in table.columns}
        return f"There is no column `{found[1]}` here.", did_you_mean(found[1], names) if len(names) < 200 else ""
    found = _FACTORY.search(error.message)
    if found is not None:
        return f"Flink knows no connector or format '{found[1]}'.", ""
    return error.message, ""


def _lost(pipeline: Pipeline, statement: Statement | None, error: JavaError, message: str) -> Finding:
    """A watermark that was lost: at the window that needs it, as far as there is one alone."""
    windows = [
        (each, call)
        for each, call, name in Subject(pipeline).calls
        if name in ("TUMBLE", "HOP", "CUMULATE", "SESSION") and call.meta.get("start") is not None
    ]
    if not error.line and len(windows) == 1:
        found, call = windows[0]
        place = call.meta["start"], call.meta["end"] + 1
        return found.source.finding(WatermarkLost.code, message, *place, help=HELP)
    where = statement or pipeline.query
    span = _span(pipeline, where, error) if statement is not None else None
    if span is None:
        return where.finding(WatermarkLost.code, message, help=HELP)
    return where.source.finding(WatermarkLost.code, message, *span, help=HELP)


def _table(pipeline: Pipeline, stage: str, error: JavaError) -> SourceTable | None:
    """The source table that the error is about."""
    kind, _, name = stage.partition(":")
    if kind not in ("table", "format"):
        found = next((match for cause in error.causes if (match := _TABLE.search(cause))), None)
        name = found[1] if found is not None else ""
    return next((each for each in pipeline.tables if each.name == name), None)


def _of_table(table: SourceTable, error: JavaError, message: str, help: str) -> Finding:
    """At the column, the option or the value that the message's first sentence names, else at the table's name."""
    told = error.message.split(". ")[0].rstrip(".")
    schema = table.statement.tree.this
    columns = [each.this for each in schema.expressions if f"'{each.name}'" in told]
    keys = [option.key_node for key, option in table.options.items() if _names(told, key)]
    values = [option.value_node for option in table.options.values() if f"'{option.value}'" in told]
    place = next(iter((*columns, *keys, *values)), schema.this)
    return table.statement.finding(REFUSED, message, place, help=help)


def _names(text: str, key: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(key)}(?![\w.-])", text) is not None


def of_functions(pipeline: Pipeline, said: str) -> Finding:
    """udf_def.py could not be imported: at the line that Python names."""
    source = pipeline.udf_source
    assert source is not None
    found = _UDF_PLACE.search(said)
    lines = said.strip().splitlines() or ["it ends the program that imports it"]
    message = (found[2] if found is not None else lines[-1]).strip().rstrip(".") + "."
    start = source.offset(int(found[1]) - 1, 0) if found is not None else 0
    end = source.text.find("\n", start)
    help = "what it imports has to be in requirements.txt" if "ModuleNotFoundError" in message else ""
    return source.finding(FUNCTIONS, message, start, end if end >= 0 else len(source.text), help=help)
