"""Spark SQL around a batch's query: its types, its entity key, and the text form of its values."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import indent

from featuremill_codegen.entity_key import PLAIN_TEST, replacements
from featuremill_codegen.types import SqlType

_TYPES = {"TIMESTAMP_LTZ": "timestamp", "TIMESTAMP": "timestamp_ntz", "BYTES": "binary", "VARBINARY": "binary"}
_JSON = frozenset({"ARRAY", "MAP", "ROW"})
_ISO_TIME = "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"


def spark_type(kind: SqlType) -> str:
    """The type as Spark writes it.

    >>> spark_type(SqlType("ARRAY", (), (SqlType("DECIMAL", (10, 2)),)))
    'array<decimal(10,2)>'
    """
    if kind.root == "ROW":
        fields = (f"{name}:{spark_type(part)}" for name, part in zip(kind.names, kind.parts, strict=True))
        return f"struct<{','.join(fields)}>"
    if kind.parts:
        return f"{kind.root.lower()}<{','.join(map(spark_type, kind.parts))}>"
    if kind.is_text:
        return "string"
    if kind.root == "DECIMAL":
        return f"decimal({kind.args[0]},{kind.args[1]})"
    return _TYPES.get(kind.root, kind.root.lower())


def text_sql(column: str, kind: SqlType) -> str:
    """Spark SQL that gives the wire text of a quoted column of this type.

    >>> text_sql("`share`", SqlType("DOUBLE"))
    'CAST(`share` AS STRING)'
    """
    if kind.is_text:
        return column
    if kind.is_timestamp:
        return f'DATE_FORMAT({column}, "{_ISO_TIME}")'
    if kind.root in _JSON:
        return f"""TO_JSON({column}, MAP('ignoreNullFields', 'false', 'timestampFormat', "{_ISO_TIME}"))"""
    if kind.is_binary:
        return f"BASE64({column})"
    return f"CAST({column} AS STRING)"


def entity_key_sql(entity: str, keys: Sequence[str], types: Sequence[SqlType]) -> str:
    """Spark SQL of the entity key of these columns; null where one of them is null or empty.

    A plain value costs one match of a regular expression; only another one is put through the replacements.
    """
    parts = [_part_sql(f"`{key}`", kind) for key, kind in zip(keys, types, strict=True)]
    return "\n|| ".join([f"'{entity}'", *(f"':' || {part}" for part in parts)])


def feature_rows_sql(
    entity: str, keys: Sequence[str], key_types: Sequence[SqlType], features: dict[str, SqlType], has_event_time: bool
) -> str:
    """The query over the pipeline's own: key, event time and values, and what a dead letter needs.

    Without an event time of the query's own it is the end of the day.
    """
    key = indent(entity_key_sql(entity, keys, key_types), "  ").strip()
    texts = {name: text_sql(f"`{name}`", kind) for name, kind in features.items()}
    values = ",\n".join(f"    '{name}', {text}" for name, text in texts.items())
    time = "DATE_TRUNC('MILLISECOND', CAST(`event_time` AS TIMESTAMP))"
    event_time = time if has_event_time else "CAST(DATE_ADD('${dt}', 1) AS TIMESTAMP)"
    key_texts = {name: f"CAST(`{name}` AS STRING)" for name in keys}
    parts = {**key_texts, "event_time": f'DATE_FORMAT({event_time}, "{_ISO_TIME}")', **texts}
    row = ",\n".join(f"    '{name}', {text}" for name, text in parts.items())
    missing = ", ".join(
        f"IF(COALESCE(`{name}`, '') = '', '{name}', NULL)" if kind.is_text else f"IF(`{name}` IS NULL, '{name}', NULL)"
        for name, kind in zip(keys, key_types, strict=True)
    )
    return f"""SELECT
  {key} AS entity_key,
  {event_time} AS event_time,
  MAP(
{values}
  ) AS features,
  CONCAT_WS(', ', {missing}) AS missing_keys,
  TO_JSON(NAMED_STRUCT(
{row}
  ), MAP('ignoreNullFields', 'false')) AS row_json
FROM feature_query"""


def _part_sql(column: str, kind: SqlType) -> str:
    if not kind.is_text:
        return f"CAST({column} AS STRING)"
    return f"""CASE
  WHEN {column} = '' THEN NULL
  WHEN NOT {column} RLIKE r'{PLAIN_TEST}' THEN {column}
  ELSE {replacements(column, _literal)}
END"""


def _literal(char: str) -> str:
    return f"'{char}'" if char.isprintable() else f"CHAR({ord(char)})"
