"""The calls that a frame takes, driven by hand: what no service does when it is asked to."""

from __future__ import annotations

import pytest
from featuremill_client import Limits, Unavailable
from featuremill_client.frame_steps import frame as frame_steps
from featuremill_client.registry import Types
from featuremill_client.v1 import serving_pb2 as wire

PRESENT = [wire.FEATURE_STATUS_PRESENT]
DOUBLES = wire.Column(doubles=wire.DoubleValues(values=[0.5]))
STRINGS = wire.Column(strings=wire.StringValues(values=["a"]))


def answer(column: wire.Column, **parts: object) -> bytes:
    return wire.BatchGetFeaturesResponse(statuses=PRESENT, columns=[column], **parts).SerializeToString()


def test_a_type_that_changes_between_two_calls_of_a_frame():
    frame = frame_steps(Types(300.0), Limits(entities=1), ["a:1", "a:2"], ["x"], None, False)
    [asked] = next(frame)
    assert asked.method == "ListFeatures"
    batches = frame.send([wire.ListFeaturesResponse(features=[wire.Feature(name="x", type="DOUBLE")])])
    assert [list(each.message.entity_names) for each in batches] == [["a:1"], ["a:2"]]
    with pytest.raises(Unavailable, match="has changed while the features were read"):
        frame.send([answer(DOUBLES), answer(STRINGS)])


def test_a_feature_set_that_changes_before_it_is_read():
    frame = frame_steps(Types(300.0), Limits(), ["a:1"], None, "a_set", False)
    next(frame)
    frame.send([wire.GetFeatureSetResponse(entity="a", features=[wire.Feature(name="x")])])
    [batch] = frame.send([wire.ListFeaturesResponse()])
    assert (batch.message.feature_set, list(batch.message.feature_names)) == ("a_set", [])
    with pytest.raises(Unavailable, match="has changed while the features were read"):
        frame.send([answer(DOUBLES, feature_names=["y"])])


def test_what_is_kept_is_bounded():
    types = Types(300.0)
    for number in range(3_000):
        asking = types.of(f"entity_{number}")
        next(asking)
        with pytest.raises(StopIteration):
            asking.send([wire.ListFeaturesResponse()])
    assert len(types._known) <= 1_000
