"""What Spark refuses, as a finding in the person's own file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from featuremill_codegen.errors import Finding
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.statements import Statement

from featuremill_local.check.engines import REFUSED
from featuremill_local.check.refusals import of_functions, statement_of
from featuremill_local.check.spark_places import all_values, filled, offset_of, span_in_file

_CONDITION = re.compile(r"^\s*\[[A-Z0-9_.]+\]\s*")
_END = re.compile(
    r"\s*(?:SQLSTATE: \w+|;? ?\(?line \d+,? pos \d+\)?|\n== SQL|\nJVM stacktrace|;\n|\n'?[A-Z]\w+ ).*", re.DOTALL
)
_SUGGESTED = re.compile(r"\s*Did you mean one of the following\? \[(.*?)\]\.?", re.DOTALL)
_QUALIFIED = re.compile(r"`?spark_catalog`?\.(?:`?default`?\.)?")
_WORD = re.compile(r"\w+|\S")


def spark_refusal(pipeline: Pipeline, answer: Mapping[str, Any]) -> Finding:
    """The finding for an answer of `spark_job.py` that is an error."""
    if answer["stage"] == "functions":
        return of_functions(pipeline, answer["error"])
    values = all_values(pipeline.variables)
    statement = statement_of(pipeline, answer["stage"])
    message, help = worded(answer, values)
    if statement is None:
        return pipeline.query.finding(REFUSED, message, help=help)
    span = _span(statement, answer, values)
    if span is None:
        return statement.finding(REFUSED, message, help=help)
    return statement.source.finding(REFUSED, message, *span, help=help)


def worded(answer: Mapping[str, Any], values: Mapping[str, str]) -> tuple[str, str]:
    """Spark's message without its plan and place but with the name that it gives the error; and what it suggests."""
    text = _QUALIFIED.sub("", answer["error"])
    suggested = _SUGGESTED.search(text)
    help = f"did you mean one of {' '.join(suggested[1].split())}?" if suggested is not None else ""
    text = _SUGGESTED.sub("", text)
    text = " ".join(_END.sub("", _CONDITION.sub("", text)).split()).rstrip(".;:")
    for name, value in values.items():
        if value == f"v_{name}_":
            text = text.replace(value, f"${{{name}}}")
    condition = answer.get("condition")
    return f"{text} ({condition})." if condition else f"{text}.", help


def _span(statement: Statement, answer: Mapping[str, Any], values: Mapping[str, str]) -> tuple[int, int] | None:
    """Where the error is in the file; None where Spark doesn't tell."""
    text = filled(statement, values)
    start, end = answer.get("start"), answer.get("end")
    if start is not None and end is not None and 0 <= start < end <= len(text):
        return span_in_file(statement, start, end, values)
    if answer.get("line") is not None:
        start = offset_of(text, answer["line"], answer["position"])
        word = _WORD.match(text, start)
        return span_in_file(statement, start, word.end() if word is not None else start + 1, values)
    # some errors name an expression without its place: it is clear where it stands once alone
    named = str(answer.get("parameters", {}).get("expression", "")).strip('"`')
    places = [found.span() for found in re.finditer(rf"(?<!\w){re.escape(named)}(?!\w)", text)] if named else []
    return span_in_file(statement, *places[0], values) if len(places) == 1 else None
