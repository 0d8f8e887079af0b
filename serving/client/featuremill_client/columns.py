"""Columns of a frame, as they came: nothing here needs NumPy, and no number is a Python object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import compress
from typing import Any

from featuremill_client import sql_types
from featuremill_client.packed import PackedColumn
from featuremill_client.sql_types import TEXT, Declared, Decoder, SqlType
from featuremill_client.status import Status, has_value


class Layout(Enum):
    """What a column's values are."""

    DOUBLES = "doubles"
    """Bytes of float64."""
    INT64S = "int64s"
    """Bytes of int64."""
    BOOLS = "bools"
    """A byte each, 0 or 1."""
    OBJECTS = "objects"
    """Python values; None where there is none."""
    STATUSES = "statuses"
    """A byte each: the number of a Status."""
    MILLISECONDS = "milliseconds"
    """Bytes of int64: milliseconds since 1970-01-01 UTC."""


@dataclass(frozen=True)
class Column:
    """A name, its values, and for each of them a byte: 1 where there is one, 0 where not.

    `data` is bytes as the layout says, little-endian, in which 0 stands where there is no value; of OBJECTS a list.
    """

    name: str
    layout: Layout
    kind: SqlType
    data: Any
    there: bytes


_LAYOUTS = {
    **dict.fromkeys(sql_types.INTEGERS, Layout.INT64S),
    **dict.fromkeys(sql_types.FLOATS, Layout.DOUBLES),
    "BOOLEAN": Layout.BOOLS,
}
_WIDEST = {Layout.INT64S: SqlType("BIGINT"), Layout.DOUBLES: SqlType("DOUBLE"), Layout.BOOLS: SqlType("BOOLEAN")}


def empty_column(name: str) -> Column:
    """A column of no rows: without an entity nobody knows its type."""
    return Column(name, Layout.OBJECTS, TEXT, [], b"")


def value_column(name: str, declared: Declared, runs: Sequence[PackedColumn], statuses: bytes) -> tuple[Column, bytes]:
    """A feature's column, and its statuses: INVALID where Python has no such value of the type.

    `runs` are of one kind, in the order of the entities.
    """
    kind = declared.kind
    if runs[0].kind == "strings":
        texts = [text for run in runs for text in run.texts]
        values, statuses = decode(texts, statuses, declared.read)
        return Column(name, Layout.OBJECTS, kind, values, has_value(statuses)), statuses
    layout = Layout(runs[0].kind)
    if _LAYOUTS.get(kind.root) != layout:
        kind = _WIDEST[layout]  # the registry has changed since it was asked: the service knows best
    data = b"".join(run.data for run in runs)
    return Column(name, layout, kind, data, has_value(statuses)), statuses


def decode(texts: Sequence[str], statuses: bytes, read: Decoder | None) -> tuple[list[Any], bytes]:
    """The Python values of texts, None where there is none, and their statuses.

    One that Python has no value for is None, and INVALID.
    """
    there = has_value(statuses)
    whole = 0 not in there
    if read is None:
        return (list(texts) if whole else _spread(compress(texts, there), there)), statuses
    try:
        found = map(read, texts if whole else compress(texts, there))
        return (list(found) if whole else _spread(found, there)), statuses
    except (ValueError, ArithmeticError):
        pass
    values: list[Any] = []
    judged = bytearray(statuses)
    for place, text in enumerate(texts):
        value = None
        if there[place]:
            try:
                value = read(text)
            except (ValueError, ArithmeticError):
                judged[place] = Status.INVALID
        values.append(value)
    return values, bytes(judged)


def _spread(found: Iterable[Any], there: bytes) -> list[Any]:
    """The values at their places, None between them."""
    following = iter(found)
    return [next(following) if each else None for each in there]
