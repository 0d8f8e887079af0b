"""A batch's answer as bytes: every way in which protobuf may write it."""

from __future__ import annotations

import struct

import pytest
from featuremill_client import ServiceFailed, packed
from featuremill_client.v1 import serving_pb2 as wire

PRESENT = wire.FEATURE_STATUS_PRESENT


def answer(**parts: object) -> wire.BatchGetFeaturesResponse:
    columns = [
        wire.Column(doubles=wire.DoubleValues(values=[0.5, -1.0, 0.0])),
        wire.Column(int64s=wire.Int64Values(values=[1, -(2**63), 0])),
        wire.Column(bools=wire.BoolValues(values=[True, False, True])),
        wire.Column(strings=wire.StringValues(values=["a", "", "é"])),
    ]
    return wire.BatchGetFeaturesResponse(statuses=[PRESENT] * 12, columns=columns, **parts)


def test_columns_as_bytes():
    found = packed.read(answer(event_times_ms=[7] * 12).SerializeToString(), 3, 4)
    doubles, int64s, bools, strings = found.columns
    assert struct.unpack("<3d", doubles.data) == (0.5, -1.0, 0.0)
    assert struct.unpack("<3q", int64s.data) == (1, -(2**63), 0)
    assert bools.data == b"\1\0\1"
    assert list(strings.texts) == ["a", "", "é"]
    assert [each.kind for each in found.columns] == ["doubles", "int64s", "bools", "strings"]
    assert found.statuses == b"\1" * 12
    assert struct.unpack("<12q", found.event_times_ms) == (7,) * 12


def test_without_times():
    assert packed.read(answer().SerializeToString(), 3, 4).event_times_ms == b""


def test_a_list_in_two_runs():
    """Concatenated messages are one message, whose lists are joined."""
    first = wire.BatchGetFeaturesResponse(statuses=[PRESENT, 2])
    whole = answer()
    whole.statuses[:] = [3] * 10
    found = packed.read(first.SerializeToString() + whole.SerializeToString(), 3, 4)
    assert found.statuses == b"\1\2" + b"\3" * 10


def test_a_list_that_is_not_packed():
    whole = answer()
    del whole.statuses[:]
    unpacked = bytes([2 << 3, PRESENT]) * 12  # field 2, each value with a tag of its own
    assert packed.read(unpacked + whole.SerializeToString(), 3, 4).statuses == b"\1" * 12


@pytest.mark.parametrize(("entities", "features"), [(3, 3), (2, 4), (4, 3), (12, 1)])
def test_an_answer_for_something_else(entities, features):
    with pytest.raises(ServiceFailed, match=f"not one for {entities} entities and {features} features"):
        packed.read(answer().SerializeToString(), entities, features)


def test_a_column_that_is_too_short():
    whole = answer()
    del whole.columns[1].int64s.values[2]
    with pytest.raises(ServiceFailed):
        packed.read(whole.SerializeToString(), 3, 4)
