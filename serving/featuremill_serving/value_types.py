"""What the text of a value has to look like, by the feature's declared SQL type.

The text is what `CAST(x AS STRING)` gives, but booleans are in lower case, timestamps in ISO 8601 with `Z`, arrays,
maps and rows are JSON, and bytes base64.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

_DATE = rb"-?[0-9]{4,9}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = rb"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
_NUMBER = rb"[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]{1,9})?"
_INTEGER_BITS = {"TINYINT": 8, "SMALLINT": 16, "INT": 32, "INTEGER": 32, "BIGINT": 64}
_FLOATS = ("FLOAT", "REAL", "DOUBLE")
_DECIMALS = ("DECIMAL", "DEC", "NUMERIC")
_PATTERNS = {
    **dict.fromkeys(_FLOATS, rb"(?:%b|[-+]?(?i:inf(?:inity)?)|(?i:nan))" % _NUMBER),
    **dict.fromkeys(_DECIMALS, _NUMBER),
    "BOOLEAN": rb"(?:true|false)",
    "DATE": _DATE,
    "TIME": _TIME,
    "TIMESTAMP": rb"%bT%bZ" % (_DATE, _TIME),
    "TIMESTAMP_LTZ": rb"%bT%bZ" % (_DATE, _TIME),
    **dict.fromkeys(
        ("BYTES", "BINARY", "VARBINARY"),
        rb"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
    ),
}
_PLAIN_NUMBER = rb"-?[0-9]++\.?+[0-9]*+"
_ONE_LINE = rb"[^\n]*+"
_JSON = frozenset({"ARRAY", "MAP", "ROW", "STRUCT", "MULTISET"})
_DIGITS = b"0123456789"


class ColumnKind(Enum):
    """The typed column that holds a feature's values."""

    DOUBLES = "doubles"
    INT64S = "int64s"
    BOOLS = "bools"
    STRINGS = "strings"


@dataclass(frozen=True, slots=True)
class ValueType:
    """A declared type as far as a reader needs it.

    Attributes:
        kind: the column that holds its values.
        pattern: what a value looks like; None where that says nothing.
        lines: many values, one a line.
        lowest: where an integer's range begins; None of what isn't an integer.
        number: whether it is another number: mostly a plain one, `-1.5`.
        json: whether a value is JSON.
        plain: what nearly all values look like, without a line break; `exact` tells whether `holds` is true of those.
    """

    kind: ColumnKind
    pattern: re.Pattern[bytes] | None = None
    lines: re.Pattern[bytes] | None = None
    lowest: int | None = None
    number: bool = False
    json: bool = False
    plain: bytes = _ONE_LINE

    @property
    def exact(self) -> bool:
        return self.pattern is not None

    def holds(self, stored: bytes) -> bool:
        """Whether the bytes are UTF-8 and a value of the type."""
        if self.pattern is not None:
            if self.pattern.fullmatch(stored) is None:
                return False
            return self.lowest is None or self.lowest <= int(stored) < -self.lowest
        return _is_json(stored) if self.json else _is_utf8(stored)

    def holds_all(self, stored: Sequence[bytes | None]) -> bool:
        """Whether all are there and `holds` is true of each, at a small part of its cost. One at least is given."""
        try:
            if self.lowest is not None:
                return self._holds_integers(stored)  # type: ignore[arg-type]
            text = b"\n".join(stored)  # type: ignore[arg-type]
        except TypeError:
            return False  # one of them is None
        if self.number and _plain_numbers(text, len(stored)):
            return True
        if self.lines is not None:
            return text.count(b"\n") == len(stored) - 1 and self.lines.fullmatch(text) is not None
        if self.json or self.pattern is not None:
            return all(map(self.holds, stored))  # type: ignore[arg-type]
        return _is_utf8(text)

    def _holds_integers(self, stored: Sequence[bytes]) -> bool:
        unsigned = stored
        if not all(map(bytes.isdigit, stored)):
            unsigned = (b"\n" + b"\n".join(stored)).replace(b"\n-", b"\n").split(b"\n")[1:]
        if len(unsigned) == len(stored) and all(map(bytes.isdigit, unsigned)):
            if max(map(len, unsigned)) < len(str(self.lowest)) - 1:  # fewer digits than the limit has
                return True
            return all(map(self.holds, stored))
        return False


TEXT = ValueType(ColumnKind.STRINGS)


@cache
def value_type(declared: str) -> ValueType:
    """The type of a declaration such as `BIGINT` or `DECIMAL(10, 2)`. One that isn't known takes any text.

    >>> value_type("INT").holds(b"3000000000")
    False
    """
    match = re.match(r"[A-Z_]+", declared.upper())
    root = match[0] if match else ""
    if root in _INTEGER_BITS:
        lowest = -(2 ** (_INTEGER_BITS[root] - 1))
        # fewer digits than the limit has
        plain = rb"-?[0-9]{1,%d}+" % (len(str(lowest)) - 2)
        return ValueType(ColumnKind.INT64S, re.compile(rb"-?[0-9]{1,19}"), lowest=lowest, plain=plain)
    if root in _PATTERNS:
        kinds = {"BOOLEAN": ColumnKind.BOOLS} | dict.fromkeys(_FLOATS, ColumnKind.DOUBLES)
        pattern = _PATTERNS[root]
        number = root in _FLOATS or root in _DECIMALS
        return ValueType(
            kinds.get(root, ColumnKind.STRINGS),
            re.compile(pattern),
            # not possessive: Python before 3.11.5 then takes an empty last line for a match (python/cpython#106052)
            lines=re.compile(rb"%b(?:\n%b)*" % (pattern, pattern)),
            number=number,
            plain=_PLAIN_NUMBER if number else pattern,
        )
    return ValueType(ColumnKind.STRINGS, json=True) if root in _JSON else TEXT


def _plain_numbers(lines: bytes, count: int) -> bool:
    """Whether there are so many numbers, one a line, all of them like `-17`, `-1.5`, `1.` or `.5`.

    What is left of the lines when all that is right is taken away: a few passes over memory, a tenth of what a
    pattern costs.
    """
    unsigned = (b"\n%b\n" % lines).replace(b"\n-", b"\n")
    points = unsigned.translate(None, _DIGITS)
    return (
        points.translate(None, b".") == b"\n" * (count + 1)
        and b".." not in points
        and b"\n\n" not in unsigned
        and b"\n.\n" not in unsigned
    )


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    return True
