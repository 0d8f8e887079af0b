"""The rule that gives a feature its status: a pure function."""

from featuremill_serving.registry import Feature
from featuremill_serving.v1.serving_pb2 import (
    FEATURE_STATUS_DEFAULTED,
    FEATURE_STATUS_INVALID,
    FEATURE_STATUS_MISSING,
    FEATURE_STATUS_PRESENT,
    FEATURE_STATUS_STALE,
    FeatureStatus,
)


def judge(stored: bytes | None, event_time_ms: int | None, feature: Feature, now_ms: int) -> tuple[FeatureStatus, str]:
    """The status and the value to give out.

    An age is `now_ms - event_time_ms`; only one beyond the limit counts, so an age of exactly `max_age` is fresh, and
    an event time in the future is.

    - nothing stored, or older than the pipeline's ttl: DEFAULTED where the feature has a default, else MISSING;
    - not UTF-8: INVALID;
    - older than max_age, or of an unknown age (a freshness that can't be shown isn't claimed): STALE;
    - else PRESENT.

    Args:
        stored: the feature's bytes in Redis, None if there are none.
        event_time_ms: when its pipeline last wrote the entity; None if unknown.
        feature: what the registry says of it.
        now_ms: the time, in ms since 1970-01-01 UTC.
    """
    age_ms = None if event_time_ms is None else now_ms - event_time_ms
    expired = age_ms is not None and feature.ttl_ms is not None and age_ms > feature.ttl_ms
    if stored is None or expired:
        return (FEATURE_STATUS_MISSING, "") if feature.default is None else (FEATURE_STATUS_DEFAULTED, feature.default)
    status, value = judge_unregistered(stored)
    if status == FEATURE_STATUS_PRESENT and (age_ms is None or age_ms > feature.max_age_ms):
        return FEATURE_STATUS_STALE, value
    return status, value


def judge_unregistered(stored: bytes | None) -> tuple[FeatureStatus, str]:
    """The status without a registry: PRESENT or MISSING, INVALID for what isn't text."""
    if stored is None:
        return FEATURE_STATUS_MISSING, ""
    try:
        return FEATURE_STATUS_PRESENT, stored.decode("utf-8")
    except UnicodeDecodeError:
        return FEATURE_STATUS_INVALID, ""
