"""Columns as Arrow arrays: numbers are the very bytes that came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow

from featuremill_client.columns import Column, Layout
from featuremill_client.sql_types import SqlType
from featuremill_client.status import Status

_TYPES: dict[str, Callable[[], Any]] = {
    "TINYINT": pyarrow.int8,
    "SMALLINT": pyarrow.int16,
    "INT": pyarrow.int32,
    "BIGINT": pyarrow.int64,
    "FLOAT": pyarrow.float32,
    "DOUBLE": pyarrow.float64,
    "BOOLEAN": pyarrow.bool_,
    "DATE": pyarrow.date32,
    "TIME": lambda: pyarrow.time64("us"),
    "TIMESTAMP": lambda: pyarrow.timestamp("us", "UTC"),
    "TIMESTAMP_LTZ": lambda: pyarrow.timestamp("us", "UTC"),
    "BYTES": pyarrow.binary,
    "BINARY": pyarrow.binary,
    "VARBINARY": pyarrow.binary,
}
_RAW = {
    Layout.INT64S: pyarrow.int64(),
    Layout.DOUBLES: pyarrow.float64(),
    Layout.MILLISECONDS: pyarrow.timestamp("ms", "UTC"),
}


def table(entities: Sequence[str], columns: Sequence[Column], index: str) -> Any:
    """The columns beside one of the entities, which comes first."""
    if index in (column.name for column in columns):
        raise ValueError(f"a feature is called {index!r}: give the column of the entities another name, by `index`")
    names = [index, *(column.name for column in columns)]
    return pyarrow.Table.from_arrays([pyarrow.array(entities, pyarrow.string()), *map(_array, columns)], names=names)


def arrow_type(kind: SqlType) -> Any:
    """The Arrow type of a SQL type; text for what Arrow has no type for."""
    if kind.root == "DECIMAL":
        return pyarrow.decimal128(*kind.args)
    if kind.root == "ARRAY":
        return pyarrow.list_(arrow_type(kind.parts[0]))
    if kind.root == "MAP":
        return pyarrow.map_(pyarrow.string(), arrow_type(kind.parts[1]))
    if kind.root == "ROW":
        return pyarrow.struct(list(zip(kind.names, map(arrow_type, kind.parts), strict=True)))
    return _TYPES.get(kind.root, pyarrow.string)()


def _array(column: Column) -> Any:
    length = len(column.there)
    if column.layout == Layout.STATUSES:
        codes = pyarrow.Array.from_buffers(pyarrow.int8(), length, [None, pyarrow.py_buffer(column.data)])
        return pyarrow.DictionaryArray.from_arrays(codes, [status.name for status in Status])
    if column.layout == Layout.OBJECTS:
        return pyarrow.array(column.data, arrow_type(column.kind))
    there = _truths(column.there)
    if column.layout == Layout.BOOLS:
        return pyarrow.Array.from_buffers(pyarrow.bool_(), length, [there, _truths(column.data)])
    raw = _RAW[column.layout]
    found = pyarrow.Array.from_buffers(raw, length, [there, pyarrow.py_buffer(column.data)])
    return found if column.layout == Layout.MILLISECONDS else found.cast(arrow_type(column.kind), safe=False)


def _truths(data: Any) -> Any:
    """A buffer of a bit each, of a byte each."""
    found = pyarrow.Array.from_buffers(pyarrow.uint8(), len(data), [None, pyarrow.py_buffer(data)])
    return found.cast(pyarrow.bool_()).buffers()[1]
