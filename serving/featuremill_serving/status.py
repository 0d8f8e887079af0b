"""The rule that gives a feature its status: a pure function of what is stored, its age and the registry's word."""

from featuremill_serving.registry import Feature
from featuremill_serving.v1.serving_pb2 import (
    FEATURE_STATUS_DEFAULTED,
    FEATURE_STATUS_INVALID,
    FEATURE_STATUS_MISSING,
    FEATURE_STATUS_PRESENT,
    FEATURE_STATUS_STALE,
    FeatureStatus,
)
from featuremill_serving.value_types import TEXT


def freshness(event_time_ms: int | None, feature: Feature, now_ms: int) -> FeatureStatus:
    """What a stored value of that age is: PRESENT, STALE or, past its pipeline's ttl, MISSING.

    An age is `now_ms - event_time_ms`; only one beyond the limit counts, so an age of exactly `max_age` is fresh, and
    an event time in the future is. One of an unknown age is STALE: a freshness that can't be shown isn't claimed.

    Args:
        event_time_ms: when the feature's pipeline last wrote the entity; None if unknown.
        feature: what the registry says of it.
        now_ms: the time, in ms since 1970-01-01 UTC.
    """
    if event_time_ms is None:
        return FEATURE_STATUS_STALE
    age_ms = now_ms - event_time_ms
    if feature.ttl_ms is not None and age_ms > feature.ttl_ms:
        return FEATURE_STATUS_MISSING
    return FEATURE_STATUS_STALE if age_ms > feature.max_age_ms else FEATURE_STATUS_PRESENT


def judge(stored: bytes | None, fresh: FeatureStatus, feature: Feature) -> tuple[FeatureStatus, bytes]:
    """The status and the value to give out, in UTF-8.

    - nothing stored, or past its ttl: DEFAULTED where the feature has a default, else MISSING;
    - not UTF-8, or not of the declared type: INVALID;
    - else PRESENT or STALE, by its freshness.

    Args:
        stored: the feature's bytes in Redis, None if there are none.
        fresh: what `freshness` says of their age.
        feature: what the registry says of it.
    """
    if stored is None or fresh == FEATURE_STATUS_MISSING:
        return absent(feature)
    return (fresh, stored) if feature.value_type.holds(stored) else (FEATURE_STATUS_INVALID, b"")


def absent(feature: Feature) -> tuple[FeatureStatus, bytes]:
    """The status and the value where nothing is stored."""
    if feature.default is None:
        return FEATURE_STATUS_MISSING, b""
    return FEATURE_STATUS_DEFAULTED, feature.default.encode()


def judge_unregistered(stored: bytes | None) -> tuple[FeatureStatus, bytes]:
    """The status without a registry: PRESENT or MISSING, INVALID for what isn't text."""
    if stored is None:
        return FEATURE_STATUS_MISSING, b""
    return (FEATURE_STATUS_PRESENT, stored) if TEXT.holds(stored) else (FEATURE_STATUS_INVALID, b"")
