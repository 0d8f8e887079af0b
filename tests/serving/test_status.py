"""The status rule, as a pure function."""

from featuremill_serving.registry import Feature
from featuremill_serving.status import freshness, judge_unregistered
from featuremill_serving.status import judge as judge_by_freshness
from featuremill_serving.v1 import serving_pb2 as wire
from hypothesis import given
from hypothesis import strategies as st

TIMES_MS = st.integers(min_value=-(2**63), max_value=2**63 - 1)
LIMITS_MS = st.integers(min_value=1, max_value=2**40)
STORED = st.none() | st.binary(max_size=8) | st.text(max_size=8).map(str.encode)
FEATURES = st.builds(
    Feature,
    pipeline=st.just("p"),
    type=st.just("STRING"),
    max_age_ms=LIMITS_MS,
    ttl_ms=st.none() | LIMITS_MS,
    default=st.none() | st.text(max_size=4),
)


def judge(
    stored: bytes | None, event_time_ms: int | None, feature: Feature, now_ms: int
) -> tuple[wire.FeatureStatus, bytes]:
    return judge_by_freshness(stored, freshness(event_time_ms, feature, now_ms), feature)


def is_text(stored: bytes) -> bool:
    return stored.decode("utf-8", errors="replace").encode() == stored


@given(STORED, st.none() | TIMES_MS, FEATURES, TIMES_MS)
def test_each_status_means_what_the_contract_says(
    stored: bytes | None, event_time_ms: int | None, feature: Feature, now_ms: int
) -> None:
    status, value = judge(stored, event_time_ms, feature, now_ms)
    known_age = None if event_time_ms is None else now_ms - event_time_ms
    there = stored is not None and not (known_age is not None and feature.ttl_ms and known_age > feature.ttl_ms)
    fresh = known_age is not None and known_age <= feature.max_age_ms
    expected = {
        wire.FEATURE_STATUS_MISSING: not there and feature.default is None,
        wire.FEATURE_STATUS_DEFAULTED: not there and feature.default is not None,
        wire.FEATURE_STATUS_INVALID: there and not is_text(stored or b""),
        wire.FEATURE_STATUS_STALE: there and is_text(stored or b"") and not fresh,
        wire.FEATURE_STATUS_PRESENT: there and is_text(stored or b"") and fresh,
    }
    assert [status] == [candidate for candidate, holds in expected.items() if holds]
    if status in (wire.FEATURE_STATUS_PRESENT, wire.FEATURE_STATUS_STALE):
        assert value == stored
    elif status == wire.FEATURE_STATUS_DEFAULTED:
        assert value.decode() == feature.default
    else:
        assert value == b""


@given(STORED, TIMES_MS, FEATURES, st.lists(st.integers(min_value=0, max_value=2**41), min_size=2, max_size=5))
def test_a_value_only_ever_ages(stored: bytes | None, event_time_ms: int, feature: Feature, ages_ms: list[int]) -> None:
    order = [wire.FEATURE_STATUS_PRESENT, wire.FEATURE_STATUS_INVALID, wire.FEATURE_STATUS_STALE]
    order += [wire.FEATURE_STATUS_MISSING, wire.FEATURE_STATUS_DEFAULTED]
    ranks = [order.index(judge(stored, event_time_ms, feature, event_time_ms + age)[0]) for age in sorted(ages_ms)]
    assert ranks == sorted(ranks)


@given(STORED, TIMES_MS, FEATURES)
def test_the_limits_themselves_still_count_as_within(stored: bytes | None, time_ms: int, feature: Feature) -> None:
    at_limit, _ = judge(stored, time_ms, feature, time_ms + min(feature.max_age_ms, feature.ttl_ms or 2**62))
    assert at_limit == judge(stored, time_ms, feature, time_ms)[0]


@given(STORED)
def test_without_a_registry_a_value_is_there_or_not(stored: bytes | None) -> None:
    status, value = judge_unregistered(stored)
    if stored is None:
        assert (status, value) == (wire.FEATURE_STATUS_MISSING, b"")
    elif is_text(stored):
        assert (status, value) == (wire.FEATURE_STATUS_PRESENT, stored)
    else:
        assert (status, value) == (wire.FEATURE_STATUS_INVALID, b"")
