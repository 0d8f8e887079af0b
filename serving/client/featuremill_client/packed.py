"""A batch's answer without a Python object for each number.

A packed list lies on the wire as one run of bytes. So the answer is read by messages that say `bytes` where
serving.proto says `repeated double`: a whole column is then one bytes object, ready for NumPy and Arrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from featuremill_client.errors import ServiceFailed
from featuremill_client.v1 import serving_pb2 as wire

_Field = descriptor_pb2.FieldDescriptorProto
# by kind: how many bytes a value takes
WIDTHS = {"doubles": 8, "int64s": 8, "bools": 1}
_STATUS_WIDTH = 1
_PACKED_IN = ("BatchGetFeaturesResponse", "DoubleValues", "Int64Values", "BoolValues")
_NOT_PACKED = (_Field.TYPE_STRING, _Field.TYPE_BYTES, _Field.TYPE_MESSAGE)


@dataclass(frozen=True)
class PackedColumn:
    """One feature's values: their bytes, little-endian, or, of the kind `strings`, their texts."""

    kind: str
    data: bytes = b""
    texts: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.texts) if self.kind == "strings" else len(self.data) // WIDTHS[self.kind]


@dataclass(frozen=True)
class PackedAnswer:
    """An answer in the format COLUMNS: statuses of one byte and event times of eight, row-major; a column a feature."""

    statuses: bytes
    event_times_ms: bytes
    feature_names: Sequence[str]
    columns: Sequence[PackedColumn]


def _bytes_message() -> Any:
    """The class of BatchGetFeaturesResponse whose packed lists are bytes, in a pool of its own."""
    file = descriptor_pb2.FileDescriptorProto()
    wire.DESCRIPTOR.CopyToProto(file)
    for message in file.message_type:
        if message.name not in _PACKED_IN:
            continue
        for field in message.field:
            if field.label == _Field.LABEL_REPEATED and field.type not in _NOT_PACKED:
                field.label = _Field.LABEL_OPTIONAL
                field.type = _Field.TYPE_BYTES
                field.ClearField("type_name")
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{file.package}.BatchGetFeaturesResponse"))


_BYTES_MESSAGE = _bytes_message()


def read(raw: bytes, entities: int, features: int) -> PackedAnswer:
    """The answer for so many entities and features; raises ServiceFailed where it isn't one for them."""
    try:
        answer = _read(raw)
        if not _fits(answer, entities, features):
            # Protobuf also allows a list in several runs, or unpacked; its own parser makes one run of them.
            answer = _read(wire.BatchGetFeaturesResponse.FromString(raw).SerializeToString())
    except DecodeError as error:
        raise ServiceFailed(f"the answer can't be read: {error}") from None
    if not _fits(answer, entities, features):
        raise ServiceFailed(f"the answer is not one for {entities} entities and {features} features")
    return answer


def _read(raw: bytes) -> PackedAnswer:
    message = _BYTES_MESSAGE.FromString(raw)
    columns = []
    for column in message.columns:
        kind = column.WhichOneof("values") or "strings"  # an empty list of texts may be left out
        values = getattr(column, kind).values
        columns.append(PackedColumn(kind, texts=values) if kind == "strings" else PackedColumn(kind, values))
    return PackedAnswer(message.statuses, message.event_times_ms, list(message.feature_names), columns)


def _fits(answer: PackedAnswer, entities: int, features: int) -> bool:
    cells = entities * features
    return (
        len(answer.statuses) == cells * _STATUS_WIDTH
        and len(answer.event_times_ms) in (0, cells * 8)
        and len(answer.columns) == features
        and all(len(each) == entities for each in answer.columns)
    )
