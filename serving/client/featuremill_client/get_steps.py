"""The steps to one entity's features."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from featuremill_client import registry
from featuremill_client.errors import ServiceFailed
from featuremill_client.features import Features
from featuremill_client.keys import entity_of
from featuremill_client.registry import Types
from featuremill_client.sql_types import AS_TEXT, Declared
from featuremill_client.status import BY_NUMBER, Status, has_value, known
from featuremill_client.steps import Request, Steps, check_entity, check_names, message
from featuremill_client.v1 import serving_pb2 as wire

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def get(
    types: Types, entity: str, features: Iterable[str] | None, feature_set: str | None, event_times: bool
) -> Steps[Features]:
    """The features of one entity."""
    check_entity(entity)
    names = check_names(features, feature_set)
    of_type = yield from types.of(entity_of(entity))
    [answer] = yield [
        Request(
            "GetFeatures",
            message(
                wire.GetFeaturesRequest,
                entity_name=entity,
                feature_names=names,
                with_event_times=event_times,
                feature_set=feature_set,
            ),
        )
    ]
    names = tuple(answer.feature_names) or names
    if not len(answer.values) == len(answer.statuses) == len(names):
        raise ServiceFailed(f"the answer is not one for {len(names)} features")
    statuses = known(bytes(answer.statuses))
    values, judged = _row(names, of_type, answer.values, statuses)
    if judged != statuses or any(
        there and name not in of_type for name, there in zip(names, has_value(statuses), strict=True)
    ):
        of_type = yield from types.of(entity_of(entity), registry.ASK_AGAIN_S)
        values, judged = _row(names, of_type, answer.values, statuses)
    times = [_moment(time_ms) for time_ms in answer.event_times_ms]
    return Features(entity, names, values, [BY_NUMBER[each] for each in judged], times)


def _row(
    names: Sequence[str], of_type: Mapping[str, Declared], texts: Sequence[str], statuses: bytes
) -> tuple[list[Any], bytes]:
    """The values of one entity, and their statuses: `decode` for a feature each."""
    values: list[Any] = []
    judged = bytearray(statuses)
    for place, (name, text, there) in enumerate(zip(names, texts, has_value(statuses), strict=True)):
        read = of_type.get(name, AS_TEXT).read
        try:
            values.append(None if not there else text if read is None else read(text))
        except (ValueError, ArithmeticError):
            values.append(None)
            judged[place] = Status.INVALID
    return values, bytes(judged)


def _moment(time_ms: int) -> datetime | None:
    """A time in milliseconds; 0 is what isn't known."""
    return _EPOCH + timedelta(milliseconds=time_ms) if time_ms else None
