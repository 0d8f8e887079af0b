"""Columns as NumPy arrays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

import numpy

from featuremill_client.columns import Column, Layout
from featuremill_client.sql_types import TIMESTAMPS
from featuremill_client.status import Status

_DTYPES = {
    "TINYINT": "int8",
    "SMALLINT": "int16",
    "INT": "int32",
    "BIGINT": "int64",
    "FLOAT": "float32",
    "DOUBLE": "float64",
}
_RAW = {Layout.INT64S: "<i8", Layout.DOUBLES: "<f8"}
_NAMES = numpy.array([status.name for status in Status], dtype=object)


def arrays(columns: Sequence[Column]) -> dict[str, Any]:
    """A masked array for each column."""
    return {column.name: _masked(column) for column in columns}


def matrix(entities: Sequence[str], columns: Sequence[Column], dtype: str) -> Any:
    """Numbers and truths as one floating-point matrix, NaN where there is no value."""
    whole = numpy.empty((len(entities), len(columns)), dtype=dtype)
    if whole.dtype.kind != "f":
        raise TypeError(f"dtype is {dtype!r}; where there is no value stands NaN, which only floating point has")
    for place, column in enumerate(columns):
        if column.layout not in (Layout.INT64S, Layout.DOUBLES, Layout.BOOLS):
            raise TypeError(
                f"{column.name} is {column.kind.root}, which is no number: leave it out, or take to_numpy()"
            )
        whole[:, place] = values(column)
        whole[missing(column), place] = numpy.nan
    return whole


def missing(column: Column) -> Any:
    """True where there is no value."""
    return numpy.frombuffer(column.there, dtype=numpy.uint8) == 0


def values(column: Column) -> Any:
    """The values as an array of the column's own dtype, which belongs to the caller; where there is none, anything."""
    if column.layout == Layout.BOOLS:
        return numpy.frombuffer(column.data, dtype=numpy.uint8) != 0
    if column.layout == Layout.STATUSES:
        return _NAMES[numpy.frombuffer(column.data, dtype=numpy.uint8)]
    if column.layout == Layout.MILLISECONDS:
        return numpy.frombuffer(column.data, dtype="<i8").astype("datetime64[ms]")
    if column.layout in _RAW:
        with numpy.errstate(over="ignore"):  # beyond the range of FLOAT is infinite
            return numpy.frombuffer(column.data, dtype=_RAW[column.layout]).astype(_DTYPES[column.kind.root])
    return _objects(column)


def _masked(column: Column) -> Any:
    return numpy.ma.MaskedArray(values(column), mask=missing(column))


def _objects(column: Column) -> Any:
    if column.kind.root in TIMESTAMPS:
        plain = [None if each is None else _without_zone(each) for each in column.data]
        return numpy.array(plain, dtype="datetime64[us]")
    if column.kind.root == "DATE":
        return numpy.array(column.data, dtype="datetime64[D]")
    found = numpy.empty(len(column.data), dtype=object)
    found[:] = column.data
    return found


def _without_zone(when: datetime) -> datetime:
    """NumPy's times have none; they are UTC."""
    return when.astimezone(timezone.utc).replace(tzinfo=None)
