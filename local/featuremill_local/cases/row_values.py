"""Whether a JSON value can be one of a source table's column, by the column's type. The Java source is as strict."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from featuremill_codegen.types import SqlType

_BITS = {"TINYINT": 8, "SMALLINT": 16, "INT": 32, "BIGINT": 64}
_NOT_FINITE = ("NaN", "Infinity", "-Infinity")
_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d:\d\d(?:\.(\d{1,9}))?"
_FORMS = {
    "DATE": '"2013-01-31"',
    "TIME": '"06:30:00"',
    "TIMESTAMP": '"2013-01-31T06:30:00"',
    "TIMESTAMP_LTZ": '"2013-01-31T06:30:00Z"',
    "BYTES": "the bytes in base64",
    "BINARY": "the bytes in base64",
    "VARBINARY": "the bytes in base64",
    "DOUBLE": 'a number, or "NaN", "Infinity", "-Infinity"',
    "FLOAT": 'a number, or "NaN", "Infinity", "-Infinity"',
    "ARRAY": "[…]",
    "MAP": '{"key": …}',
    "ROW": '{"field": …}',
    "BOOLEAN": "true or false",
}


def mistake(value: Any, kind: SqlType | None, path: str) -> tuple[str, str] | None:
    """What is wrong with the value and how to write it; None where it is right, or the type isn't known.

    `path` is how the message names the value, `items[2].price` for example.
    """
    if value is None or kind is None:
        return None
    if kind.root == "ARRAY" and isinstance(value, list):
        return _first((each, kind.parts[0], f"{path}[{index}]") for index, each in enumerate(value))
    if kind.root == "MAP" and isinstance(value, dict):
        return _first((each, kind.parts[1], f"{path}[{key}]") for key, each in value.items())
    if kind.root == "ROW" and isinstance(value, dict):
        for name in kind.names:
            if name not in value:
                return f"`{path}.{name}` is missing.", "write null where it has no value"
        for name in value:
            if name not in kind.names:
                return f"There is no `{name}` in `{path}`.", f"there are {', '.join(kind.names)}"
        return _first((value[name], part, f"{path}.{name}") for name, part in zip(kind.names, kind.parts, strict=True))
    if _fits(value, kind):
        return None
    form = _FORMS.get(kind.root, "")
    return f"`{path}` is {kind}; this is no value of that type.", f"write {form}" if form else ""


def _first(values: Any) -> tuple[str, str] | None:
    found = (mistake(*each) for each in values)
    return next((each for each in found if each is not None), None)


def _fits(value: Any, kind: SqlType) -> bool:
    if kind.is_integer:
        limit = 1 << (_BITS[kind.root] - 1)
        return isinstance(value, int) and not isinstance(value, bool) and -limit <= value < limit
    if kind.root in ("FLOAT", "DOUBLE"):
        return _is_number(value) or value in _NOT_FINITE
    if kind.root == "DECIMAL":
        return _is_decimal(value, *kind.args)
    if kind.root == "BOOLEAN":
        return isinstance(value, bool)
    if not isinstance(value, str):
        return kind.root in ("VARIANT", "MULTISET")  # the source says what it thinks of these
    if kind.root in ("CHAR", "VARCHAR"):
        return len(value) <= kind.args[0]
    if kind.root in ("BYTES", "BINARY", "VARBINARY"):
        return _is_base64(value)
    if kind.root == "DATE":
        return bool(re.fullmatch(_DATE, value)) and _reads(date.fromisoformat, value)
    if kind.root == "TIME":
        return _is_time(value, _TIME, min(3, kind.args[0])) and _reads(time.fromisoformat, _seconds(value))
    if kind.is_timestamp:
        zone = r"(?:Z|[+-]\d\d:\d\d)" if kind.root == "TIMESTAMP_LTZ" else ""
        form = f"{_DATE}[T ]{_TIME}{zone}"
        return _is_time(value, form, kind.args[0]) and _reads(datetime.fromisoformat, _seconds(value))
    return kind.root not in ("ARRAY", "MAP", "ROW")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_decimal(value: Any, precision: int, scale: int) -> bool:
    if not (_is_number(value) or isinstance(value, str)):
        return False
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    if not number.is_finite():
        return False
    _, digits, exponent = number.normalize().as_tuple()
    assert isinstance(exponent, int)
    return max(0, -exponent) <= scale and len(digits) + exponent <= precision - scale


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _is_time(value: str, form: str, digits: int) -> bool:
    """Whether the text has the form, and no more digits behind the second than the type keeps."""
    found = re.fullmatch(form, value)
    return found is not None and len((found[1] or "").rstrip("0")) <= digits


def _seconds(value: str) -> str:
    """The text without a fraction of a second: Python reads fewer of its digits than Flink."""
    return re.sub(r"\.\d+", "", value)


def _reads(read: Any, value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True
