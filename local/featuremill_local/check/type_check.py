"""The planner's types against lint's: what readers are told must be what is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from featuremill_codegen.contract import EVENT_TIME
from featuremill_codegen.errors import Finding
from featuremill_codegen.hive.spark import spark_type
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.types import SqlType, parse_type

CODE = "FM607"
_LIMITED = re.compile(r"\b(?:var)?char\(\d+\)")
_NOT_NULL = re.compile(r"('(?:[^']|'')*'|`(?:[^`]|``)*`)|\s+NOT NULL\b")


def differing_types(pipeline: Pipeline, columns: Sequence[Sequence[str]]) -> Iterator[Finding]:
    """A finding for each key, event time and feature whose type Flink sees differently. `columns` are (name, type)."""
    flinks = {each[0]: without_nullability(each[1]) for each in columns}
    return _differing(pipeline, flinks, "Flink", str, lambda theirs, ours: parse_type(theirs) == ours)


def differing_spark_types(pipeline: Pipeline, columns: Sequence[Sequence[str]]) -> Iterator[Finding]:
    """The same of a batch and Spark, whose names of types are in lower case; texts of a limited length are texts."""
    sparks = {each[0]: _LIMITED.sub("string", each[1]) for each in columns}
    return _differing(pipeline, sparks, "Spark", spark_type, lambda theirs, ours: theirs == spark_type(ours))


def _differing(
    pipeline: Pipeline,
    found: Mapping[str, str],
    engine: str,
    written: Callable[[SqlType], str],
    same: Callable[[str, SqlType], bool],
) -> Iterator[Finding]:
    keys = pipeline.config.entity.keys
    expected: dict[str, SqlType] = {
        **dict(zip(keys, pipeline.key_types, strict=True)),
        EVENT_TIME: pipeline.event_time_type,
        **{feature.name: feature.type for feature in pipeline.features},
    }
    for column in pipeline.columns:
        name = column.column.name
        theirs = found.get(name, "")
        if name not in expected or same(theirs, expected[name]):
            continue
        kind = written(expected[name])
        told = f"is {theirs} in {engine}" if theirs else f"doesn't come out of {engine}"
        message = f"`{name}` {told}, and lint took it for {kind}."
        help = f"write CAST(… AS {kind}) AS {name}" if theirs else ""
        yield pipeline.query.finding(CODE, message, column.node, help=help)


def without_nullability(kind: str) -> str:
    """The type without NOT NULL, also inside of it.

    >>> without_nullability("MAP<STRING NOT NULL, INT> NOT NULL")
    'MAP<STRING, INT>'
    """
    return _NOT_NULL.sub(lambda match: match[1] or "", kind)
