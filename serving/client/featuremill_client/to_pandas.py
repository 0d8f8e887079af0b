"""Columns as a pandas DataFrame, by the types of pandas that know NA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy
import pandas

from featuremill_client.columns import Column, Layout
from featuremill_client.sql_types import TEXTS, TIMESTAMPS
from featuremill_client.status import Status
from featuremill_client.to_numpy import missing, values

_CATEGORIES = [status.name for status in Status]


def frame(entities: Sequence[str], columns: Sequence[Column], index: str) -> Any:
    """The columns beside an index of the entities."""
    named = {column.name: _extension_array(column) for column in columns}
    return pandas.DataFrame(named, index=pandas.Index(list(entities), name=index, dtype="str"), copy=False)


def _extension_array(column: Column) -> Any:
    if column.layout == Layout.INT64S:
        return pandas.arrays.IntegerArray(values(column), missing(column))
    if column.layout == Layout.DOUBLES:
        return pandas.arrays.FloatingArray(values(column), missing(column))
    if column.layout == Layout.BOOLS:
        return pandas.arrays.BooleanArray(values(column), missing(column))
    if column.layout == Layout.STATUSES:
        codes = numpy.frombuffer(column.data, dtype=numpy.int8)
        return pandas.Categorical.from_codes(codes, categories=_CATEGORIES)
    if column.layout == Layout.MILLISECONDS or column.kind.root in TIMESTAMPS:
        times = values(column)
        times[missing(column)] = numpy.array("NaT", dtype=times.dtype)
        return pandas.Series(times).dt.tz_localize("UTC").array
    if column.kind.root == "DATE":
        return pandas.array(values(column).astype("datetime64[s]"))
    if column.kind.root in TEXTS:
        return pandas.array(values(column), dtype="string")
    return pandas.Series(values(column), dtype=object).array
