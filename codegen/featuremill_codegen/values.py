"""Values as text: the form that a feature's value has on the wire, by its type."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from featuremill_codegen.types import SqlType

_PLAIN = frozenset(
    ["CHAR", "VARCHAR", "STRING", "TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL", "DATE", "TIME"]
)
_JSON = frozenset({"ARRAY", "MAP", "ROW"})
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_INTEGER_BITS = {"TINYINT": 8, "SMALLINT": 16, "INT": 32, "BIGINT": 64}


def is_supported(kind: SqlType) -> bool:
    """Whether values of the type have a text form. (RAW, VARIANT, MULTISET and intervals have none.)"""
    if kind.root in _JSON:
        return all(map(is_supported, kind.parts)) and (kind.root != "MAP" or kind.parts[0].is_text)
    return kind.root in _PLAIN or kind.is_timestamp or kind.root in ("BOOLEAN", "BYTES", "BINARY", "VARBINARY")


def text_sql(column: str, kind: SqlType) -> str:
    """Flink SQL that gives the text of a quoted column of this type.

    >>> text_sql("`late`", SqlType("BOOLEAN"))
    'LOWER(CAST(`late` AS STRING))'
    """
    if kind.is_text:
        return column if kind.root == "STRING" else f"CAST({column} AS STRING)"
    if kind.root == "BOOLEAN":
        return f"LOWER(CAST({column} AS STRING))"
    if kind.is_timestamp:
        return f"REPLACE(CAST(CAST({column} AS TIMESTAMP(3)) AS STRING), ' ', 'T') || 'Z'"
    if kind.root in _JSON:
        return f"JSON_STRING({column})"
    if kind.root in ("BYTES", "BINARY", "VARBINARY"):
        return f"TRIM(BOTH '\"' FROM JSON_STRING({column}))"
    return f"CAST({column} AS STRING)"


def check_default(text: str, kind: SqlType) -> bool:
    """Whether a default in wire text can be read as a value of the type."""
    try:
        if kind.is_integer:
            bits = _INTEGER_BITS[kind.root] - 1
            return bool(re.fullmatch(r"-?\d{1,19}", text)) and -(2**bits) <= int(text) < 2**bits
        if kind.root in ("FLOAT", "DOUBLE"):
            float(text)
        elif kind.root == "DECIMAL":
            return Decimal(text).is_finite()
        elif kind.root == "BOOLEAN":
            return text in ("true", "false")
        elif kind.root == "DATE":
            date.fromisoformat(text)
        elif kind.is_timestamp:
            datetime.fromisoformat(text.replace("Z", "+00:00"))
            return bool(_TIMESTAMP.fullmatch(text))
        elif kind.root in _JSON:
            json.loads(text)
    except (ValueError, InvalidOperation):
        return False
    return True
