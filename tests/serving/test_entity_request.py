"""A request for one entity is what protobuf says it is, whichever requests came before it."""

import pytest
from featuremill_serving.entity_request import EntityRequests
from featuremill_serving.v1.serving_pb2 import GetFeaturesRequest
from google.protobuf.message import DecodeError
from hypothesis import example, given
from hypothesis import strategies as st

FIELDS = st.sampled_from(
    [
        *(b"\x0a\x05" + name for name in (b"a:one", b"b:two", "a:é\x31".encode(), b"a:\xff\xff\xff")),
        *(b"\x0a\x00", b"\x0a\x85\x00a:one", b"\x0a\x81\x01a:" + b"x" * 127, b"\x0a\x7fa:" + b"y" * 125),
        *(b"\x12\x01f", b"\x12\x01g", b"\x12\x00", b"\x12\x01\xff", b"\x18\x01", b"\x18\x00", b"\x22\x01s"),
        *(b"\x32\x03new", b"\x0a", b"\x0a\x10", b"\x12\x05f"),
    ]
)
REQUESTS = st.lists(FIELDS, max_size=4).map(b"".join) | st.binary(max_size=8)


@given(st.lists(REQUESTS, max_size=6))
@example([b"\x0a\x05a:one\x12\x01f", b"\x0a\x05b:two\x12\x01f", b"\x0a\x05a:\xff\xff\xff\x12\x01f"])
@example([b"\x0a\x00\x0a\x05a:one", b"\x0a\x05b:two\x0a\x05a:one"])
@example([b"\x0a\x05b:two\x0a\x00", b"\x0a\x05b:two\x0a\x00"])
def test_it_is_parsed_as_protobuf_does(raws: list[bytes]) -> None:
    requests = EntityRequests()
    for raw in raws:
        try:
            expected = GetFeaturesRequest.FromString(raw)
        except DecodeError:
            with pytest.raises(DecodeError):
                requests.parse(raw)
            continue
        found = requests.parse(raw)
        assert found.entity_name == expected.entity_name
        assert found.asked.feature_names == tuple(expected.feature_names)
        assert found.asked.feature_set == expected.feature_set
        assert found.asked.with_event_times is expected.with_event_times


def test_what_is_asked_again_of_others_is_known() -> None:
    requests = EntityRequests()
    asked = [
        requests.parse(GetFeaturesRequest(entity_name=name, feature_names=["f", "g"]).SerializeToString()).asked
        for name in ("a:1", "a:2", "b:three")
    ]
    assert asked[0] is asked[1] is asked[2]


def test_not_everything_is_kept() -> None:
    requests = EntityRequests()
    raws = [GetFeaturesRequest(entity_name="a:1", feature_names=[str(number)]) for number in range(2000)]
    raws.append(GetFeaturesRequest(entity_name="a:1", feature_names=["x" * 9000]))
    first = [requests.parse(raw.SerializeToString()).asked for raw in raws]
    again = [requests.parse(raw.SerializeToString()).asked for raw in reversed(raws)][::-1]
    assert sum(one is other for one, other in zip(first, again, strict=True)) < 1024
    assert again[-1] is not first[-1]
    assert again[1500] is first[1500]
