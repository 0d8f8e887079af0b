"""Features on the wire: text to values by their declared type, and when two of them are the same."""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from featuremill_codegen.types import SqlType
from featuremill_codegen.values import check_default

TOLERANCE = 1e-9
"""Doubles are the same within this share of the larger one."""


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """A row of the feature source. `at` is its event time as it is written; null removes a feature."""

    entity_key: str
    at: str
    features: dict[str, str | None]

    @property
    def event_time(self) -> datetime:
        """Its event time."""
        return instant(self.at)

    def to_json(self) -> str:
        """The row as a line of a file."""
        wire = {"entity_key": self.entity_key, "event_time": self.at, "features": self.features}
        return json.dumps(wire, ensure_ascii=False)


def instant(text: str) -> datetime:
    """A time such as `2013-01-01T06:00:00Z`, with any number of digits behind the second. Raises ValueError."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", text):
        raise ValueError(text)
    return datetime.fromisoformat(re.sub(r"(\.\d{1,6})\d*Z", r"\1Z", text)).astimezone(UTC)


def is_value(text: str, kind: SqlType) -> bool:
    """Whether the text is a value of the type in the wire form."""
    if kind.is_timestamp:
        try:
            instant(text)
        except ValueError:
            return False
        return True
    return check_default(text, kind)


def same(left: str | None, right: str | None, kind: SqlType) -> bool:
    """Whether two texts are the same value of the type.

    >>> same("0.30000000000000004", "0.3", SqlType("DOUBLE"))
    True
    """
    if left is None or right is None:
        return left is right
    try:
        return _same(_value(left, kind), _value(right, kind))
    except ValueError:
        return left == right


def _value(text: str, kind: SqlType) -> Any:
    """The text's value. Raises ValueError, as Decimal's error is none."""
    if kind.is_integer:
        return int(text)
    if kind.root in ("FLOAT", "DOUBLE"):
        return float(text)
    if kind.root == "DECIMAL":
        return Decimal(text) if check_default(text, kind) else text
    if kind.is_timestamp:
        return instant(text)
    if kind.root == "DATE":
        return date.fromisoformat(text)
    if kind.root == "TIME":
        return time.fromisoformat(text)
    if kind.root in ("ARRAY", "MAP", "ROW"):
        return json.loads(text)
    if kind.root in ("BYTES", "BINARY", "VARBINARY"):
        return base64.b64decode(text, validate=True)
    return text


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, float | int) and isinstance(right, float | int):
        if isinstance(left, int) and isinstance(right, int):
            return left == right
        return math.isclose(left, right, rel_tol=TOLERANCE) or (math.isnan(left) and math.isnan(right))
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    return bool(left == right)
