"""What the text of a value has to look like, by the feature's declared SQL type.

The text is what `CAST(x AS STRING)` gives, but booleans are in lower case, timestamps in ISO 8601 with `Z`, arrays,
maps and rows are JSON, and bytes base64.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

_DATE = r"-?[0-9]{4,9}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
_NUMBER = r"[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]{1,9})?"
_INTEGER_BITS = {"TINYINT": 8, "SMALLINT": 16, "INT": 32, "INTEGER": 32, "BIGINT": 64}
_PATTERNS = {
    **dict.fromkeys(("FLOAT", "REAL", "DOUBLE"), rf"(?:{_NUMBER}|[-+]?(?i:inf(?:inity)?)|(?i:nan))"),
    **dict.fromkeys(("DECIMAL", "DEC", "NUMERIC"), _NUMBER),
    "BOOLEAN": r"(?:true|false)",
    "DATE": _DATE,
    "TIME": _TIME,
    "TIMESTAMP": rf"{_DATE}T{_TIME}Z",
    "TIMESTAMP_LTZ": rf"{_DATE}T{_TIME}Z",
    **dict.fromkeys(
        ("BYTES", "BINARY", "VARBINARY"),
        r"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
    ),
}
_JSON = frozenset({"ARRAY", "MAP", "ROW", "STRUCT", "MULTISET"})


class ColumnKind(Enum):
    """The typed column that holds a feature's values."""

    DOUBLES = "doubles"
    INT64S = "int64s"
    BOOLS = "bools"
    STRINGS = "strings"


@dataclass(frozen=True, slots=True)
class ValueType:
    """A declared type as far as a reader needs it."""

    kind: ColumnKind
    pattern: re.Pattern[str] | None = None
    lowest: int | None = None
    json: bool = False
    # many values at once, one a line; for integers only those that no range has to be looked at for
    lines: re.Pattern[str] | None = field(default=None)

    def holds(self, text: str) -> bool:
        """Whether the text is a value of the type."""
        if self.pattern is not None and self.pattern.fullmatch(text) is None:
            return False
        if self.lowest is not None:
            return self.lowest <= int(text) < -self.lowest
        return not self.json or _is_json(text)

    def decode(self, stored: bytes) -> str | None:
        """The value's text; None where it isn't UTF-8 or not of the type."""
        try:
            text = stored.decode("utf-8")
        except UnicodeDecodeError:
            return None
        return text if self.holds(text) else None

    def decode_all(self, stored: Sequence[bytes]) -> Sequence[str | None]:
        """`decode` of each, at a small part of its cost where all are values of the type."""
        try:
            text = b"\n".join(stored).decode("utf-8")
        except UnicodeDecodeError:
            return [self.decode(each) for each in stored]
        parts = text.split("\n")
        if len(parts) == len(stored) and not self.json:
            if self.lines is None:
                return parts
            if self.lines.fullmatch(text) is not None:
                return parts
        return [self.decode(each) for each in stored]


TEXT = ValueType(ColumnKind.STRINGS)


@cache
def value_type(declared: str) -> ValueType:
    """The type of a declaration such as `BIGINT` or `DECIMAL(10, 2)`. One that isn't known takes any text.

    >>> value_type("INT").decode(b"3000000000") is None
    True
    """
    match = re.match(r"[A-Z_]+", declared.upper())
    root = match[0] if match else ""
    if root in _INTEGER_BITS:
        bits = _INTEGER_BITS[root]
        safe_digits = len(str(2 ** (bits - 1))) - 1
        return ValueType(
            ColumnKind.INT64S,
            re.compile(r"-?[0-9]{1,19}"),
            lowest=-(2 ** (bits - 1)),
            lines=_lines(rf"-?[0-9]{{1,{safe_digits}}}+"),
        )
    if root in _PATTERNS:
        kinds = {"BOOLEAN": ColumnKind.BOOLS} | dict.fromkeys(("FLOAT", "REAL", "DOUBLE"), ColumnKind.DOUBLES)
        kind = kinds.get(root, ColumnKind.STRINGS)
        return ValueType(kind, re.compile(_PATTERNS[root]), lines=_lines(_PATTERNS[root]))
    return ValueType(ColumnKind.STRINGS, json=True) if root in _JSON else TEXT


def _lines(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{pattern}(?:\n{pattern})*+")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
