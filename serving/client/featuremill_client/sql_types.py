"""The registry's types, and the Python values of what is written in them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from ctypes import c_float
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

INTEGERS = {"TINYINT": 8, "SMALLINT": 16, "INT": 32, "BIGINT": 64}
FLOATS = ("FLOAT", "DOUBLE")
BINARIES = ("BYTES", "BINARY", "VARBINARY")
TIMESTAMPS = ("TIMESTAMP", "TIMESTAMP_LTZ")
TEXTS = ("STRING", "CHAR", "VARCHAR")
NESTED = ("ARRAY", "MAP", "ROW")
_TYPES_INSIDE = {"ARRAY": 1, "MAP": 2}
_ALIASES = {"INTEGER": "INT", "REAL": "FLOAT", "DEC": "DECIMAL", "NUMERIC": "DECIMAL", "STRUCT": "ROW"}
_TOKEN = re.compile(r"\s*(?:`((?:[^`]|``)*)`|([A-Za-z_][A-Za-z0-9_]*)|([0-9]+)|([(),<>]))")


@dataclass(frozen=True)
class SqlType:
    """A type: its name, lengths or precision and scale, the types inside, and a row's field names."""

    root: str
    args: tuple[int, ...] = ()
    parts: tuple[SqlType, ...] = ()
    names: tuple[str, ...] = ()

    def holds(self, *roots: str) -> bool:
        """Whether it or a type inside is one of these."""
        return self.root in roots or any(part.holds(*roots) for part in self.parts)


TEXT = SqlType("STRING")
"""What is taken as the text that it is: STRING, and every type that isn't known."""
MOMENT = SqlType("TIMESTAMP_LTZ", (3,))
"""An event time's."""

Decoder = Callable[[Any], Any]


def parse_type(declared: str) -> SqlType:
    """The type of a declaration; TEXT for one that isn't known.

    >>> parse_type("DECIMAL(10, 2)")
    SqlType(root='DECIMAL', args=(10, 2), parts=(), names=())
    >>> parse_type("ROW<`a` INT>").names
    ('a',)
    """
    tokens = list(_tokens(declared))
    try:
        kind = _read_type(tokens)
    except (IndexError, ValueError):
        return TEXT
    return TEXT if tokens else kind


def _tokens(declared: str) -> Iterator[tuple[str, str]]:
    place = 0
    declared = declared.strip()
    while place < len(declared):
        match = _TOKEN.match(declared, place)
        if match is None:
            yield "sign", "?"
            return
        place = match.end()
        quoted, word, number, sign = match.groups()
        if quoted is not None:
            yield "quoted", quoted.replace("``", "`")
        elif word is not None:
            yield "word", word
        else:
            yield ("number", number) if number is not None else ("sign", sign)


def _read_type(tokens: list[tuple[str, str]]) -> SqlType:
    """Takes a type off the tokens; raises ValueError or IndexError where there is none."""
    sort, word = tokens.pop(0)
    if sort != "word":
        raise ValueError(word)
    root = word.upper()
    args: list[int] = []
    parts: list[SqlType] = []
    names: list[str] = []
    if tokens[:1] == [("sign", "(")]:
        while tokens.pop(0) != ("sign", ")"):
            args.append(int(tokens.pop(0)[1]))
    if tokens[:1] == [("sign", "<")]:
        while tokens.pop(0) != ("sign", ">"):
            if root in ("ROW", "STRUCT"):
                names.append(tokens.pop(0)[1])
            parts.append(_read_type(tokens))
    if [each.upper() for _, each in tokens[:2]] == ["NOT", "NULL"]:
        del tokens[:2]
    root = _ALIASES.get(root, root)
    if root not in _SCALARS and root not in (*TEXTS, *NESTED):
        return TEXT
    if len(parts) != _TYPES_INSIDE.get(root, len(parts)):
        raise ValueError(f"{len(parts)} types in {root}")
    if root == "DECIMAL" and len(args) < 2:
        args = [*args, *(10, 0)[len(args) :]]
    return SqlType(root, tuple(args), tuple(parts), tuple(names))


class Declared(NamedTuple):
    """A feature's type, and what makes a Python value of its text; None where the text is the value."""

    kind: SqlType
    read: Decoder | None


@cache
def declared(text: str) -> Declared:
    """What the registry declares."""
    kind = parse_type(text)
    return Declared(kind, decoder(kind))


AS_TEXT = Declared(TEXT, None)
"""What the registry doesn't know."""


def decoder(kind: SqlType) -> Decoder | None:
    """What makes a Python value of the type's text; None where the text is the value.

    It raises ValueError or ArithmeticError where Python has no such value: the 31st of February, the year 12013.
    """
    if kind.root in NESTED:
        convert = _converter(kind)
        number = Decimal if kind.holds("DECIMAL") else float
        return lambda text: convert(json.loads(text, parse_float=number))
    return _SCALARS.get(kind.root)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _single(number: str | float) -> float:
    """The float of 32 bits, as columns have it: infinite beyond its range."""
    return c_float(float(number)).value


def _timestamp(text: str) -> datetime:
    """ISO 8601 in UTC with any number of digits of a second, of which six are kept."""
    whole, _, fraction = text.replace(" ", "T").rstrip("Z").partition(".")
    found = datetime.fromisoformat(f"{whole}+00:00")
    return found + timedelta(microseconds=int(f"{fraction:0<6}"[:6])) if fraction else found


def _time(text: str) -> time:
    whole, _, fraction = text.partition(".")
    found = time.fromisoformat(whole)
    return found.replace(microsecond=int(f"{fraction:0<6}"[:6])) if fraction else found


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_SCALARS: dict[str, Decoder] = {
    **dict.fromkeys(INTEGERS, int),
    "FLOAT": _single,
    "DOUBLE": float,
    **dict.fromkeys(BINARIES, _bytes),
    **dict.fromkeys(TIMESTAMPS, _timestamp),
    "BOOLEAN": _boolean,
    "DECIMAL": Decimal,
    "DATE": date.fromisoformat,
    "TIME": _time,
}


def _converter(kind: SqlType) -> Callable[[Any], Any]:
    """What makes a value of the type of what JSON gives for it; None stays None. Raises ValueError for another kind."""
    if kind.root == "ARRAY":
        [element] = map(_converter, kind.parts)
        return lambda value: None if value is None else [element(each) for each in _checked(value, list)]
    if kind.root == "MAP":
        inner = _converter(kind.parts[1])
        return lambda value: (
            None if value is None else {name: inner(each) for name, each in _checked(value, dict).items()}
        )
    if kind.root == "ROW":
        fields = dict(zip(kind.names, map(_converter, kind.parts), strict=True))
        return lambda value: (
            None
            if value is None
            else {name: convert(_checked(value, dict).get(name)) for name, convert in fields.items()}
        )
    scalar = _SCALARS.get(kind.root)
    if kind.root in ("BOOLEAN", *INTEGERS):
        python = bool if kind.root == "BOOLEAN" else int
        return lambda value: None if value is None else _checked(value, python)
    if scalar is None:
        return lambda value: value
    if kind.root in FLOATS:
        return lambda value: None if value is None else scalar(value)
    return lambda value: None if value is None else scalar(str(value))


def _checked(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return value
