"""The planner's types against lint's: what readers are told must be what is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from featuremill_codegen.contract import EVENT_TIME
from featuremill_codegen.errors import Finding
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.types import SqlType, parse_type

CODE = "FM607"
_NOT_NULL = re.compile(r"('(?:[^']|'')*'|`(?:[^`]|``)*`)|\s+NOT NULL\b")


def differing_types(pipeline: Pipeline, columns: Sequence[Sequence[str]]) -> Iterator[Finding]:
    """A finding for each key, event time and feature whose type Flink sees differently. `columns` are (name, type)."""
    keys = pipeline.config.entity.keys
    ours: dict[str, SqlType] = {
        **dict(zip(keys, pipeline.key_types, strict=True)),
        EVENT_TIME: pipeline.event_time_type,
        **{feature.name: feature.type for feature in pipeline.features},
    }
    flinks = {each[0]: each[1] for each in columns}
    for column in pipeline.columns:
        name = column.column.name
        theirs = without_nullability(flinks.get(name, ""))
        if name not in ours or parse_type(theirs) == ours[name]:
            continue
        told = f"is {theirs} in Flink" if theirs else "doesn't come out of Flink"
        message = f"`{name}` {told}, and lint took it for {ours[name]}."
        help = f"write CAST(… AS {ours[name]}) AS {name}" if name in flinks else ""
        yield pipeline.query.finding(CODE, message, column.node, help=help)


def without_nullability(kind: str) -> str:
    """The type without NOT NULL, also inside of it.

    >>> without_nullability("MAP<STRING NOT NULL, INT> NOT NULL")
    'MAP<STRING, INT>'
    """
    return _NOT_NULL.sub(lambda match: match[1] or "", kind)
