"""What a client does, without doing it: the calls that it takes, one after the other, and what becomes of them.

Each function here is a generator. It yields requests, is sent their responses in the same order, or has thrown into it
the error that one of them ended with, and returns the result. So the client and the asyncio client are the same but
for how they call.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from google.protobuf.message import Message

from featuremill_client import packed
from featuremill_client.columns import Column, Layout, empty_column, value_column
from featuremill_client.errors import InvalidRequest, NotFound, PreconditionFailed, ServiceFailed, TryAgain, Unavailable
from featuremill_client.features import Features
from featuremill_client.frame import Frame
from featuremill_client.keys import entity_of
from featuremill_client.packed import PackedAnswer
from featuremill_client.sql_types import AS_TEXT, MOMENT, TEXT, Declared, declared
from featuremill_client.status import BY_NUMBER, Status, has_value, known
from featuremill_client.v1 import serving_pb2 as wire

_Result = TypeVar("_Result")
_Message = TypeVar("_Message", bound=Message)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_KEPT = 1_000
ASK_AGAIN_S = 10.0
"""How soon the registry is asked once more for a feature that it didn't know."""


@dataclass(frozen=True)
class Request:
    """A call of the service: its name and its message."""

    method: str
    message: Any


Steps = Generator[Iterable[Request], Sequence[Any], _Result]


@dataclass(frozen=True)
class Limits:
    """What one call of BatchGetFeatures may ask for, as the service has it unless told otherwise."""

    entities: int = 5_000
    values: int = 250_000
    name_bytes: int = 3 * 1024 * 1024


class Types:
    """The features' types, as the registry has them: asked for once for each entity, and kept.

    A feature never changes its type. So the registry is asked again only where there is a value of a feature that it
    didn't know, or one that isn't of its type, and after `max_age_s`.
    """

    def __init__(self, max_age_s: float) -> None:
        self._max_age_s = max_age_s
        self._known: dict[str, tuple[float, Mapping[str, Declared]]] = {}
        self._sets: dict[str, tuple[float, tuple[str, ...]]] = {}

    def of(self, entity: str, newer_than_s: float | None = None) -> Steps[Mapping[str, Declared]]:
        """The types of an entity's features by name; empty where the service has no registry, or not this entity."""
        asked, types = self._known.get(entity, (-float("inf"), {}))
        now = time.monotonic()
        if now - asked <= (self._max_age_s if newer_than_s is None else newer_than_s):
            return types
        try:
            [listed] = yield [Request("ListFeatures", _message(wire.ListFeaturesRequest, entity=entity))]
            types = {each.name: declared(each.type) for each in listed.features}
        except (NotFound, PreconditionFailed):
            types = {}
        except TryAgain:
            if entity not in self._known:
                raise
            return types  # the last word still holds
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[entity] = (now, types)
        return types

    def names_of_set(self, feature_set: str) -> Steps[tuple[str, ...]]:
        """What a feature set holds, in its order."""
        asked, names = self._sets.get(feature_set, (-float("inf"), ()))
        now = time.monotonic()
        if now - asked > self._max_age_s:
            [found] = yield [Request("GetFeatureSet", _message(wire.GetFeatureSetRequest, feature_set=feature_set))]
            names = tuple(each.name for each in found.features)
            if len(self._sets) >= _KEPT:
                self._sets.clear()
            self._sets[feature_set] = (now, names)
        return names


def get(
    types: Types, entity: str, features: Sequence[str] | None, feature_set: str | None, event_times: bool
) -> Steps[Features]:
    """The features of one entity."""
    _check_entity(entity)
    names = _names(features, feature_set)
    of_type = yield from types.of(entity_of(entity))
    [answer] = yield [
        Request(
            "GetFeatures",
            _message(
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
        of_type = yield from types.of(entity_of(entity), ASK_AGAIN_S)
        values, judged = _row(names, of_type, answer.values, statuses)
    times = [_moment(time_ms) for time_ms in answer.event_times_ms]
    return Features(entity, names, values, [BY_NUMBER[each] for each in judged], times)


def frame(
    types: Types,
    limits: Limits,
    entities: Sequence[str],
    features: Sequence[str] | None,
    feature_set: str | None,
    event_times: bool,
) -> Steps[Frame]:
    """The features of many entities."""
    if isinstance(entities, str):
        raise InvalidRequest(f"entities is {entities!r}: give a list of entity keys, or call get()")
    entities = list(entities)
    for entity in entities:
        _check_entity(entity)
    names = _names(features, feature_set)
    if feature_set:
        names = yield from types.names_of_set(feature_set)
    if not entities:
        return _frame((), [(empty_column(name), b"") for name in names], [b""] * len(names), event_times)
    parts = list(split(entities, len(names), limits))
    heads = sorted({entity_of(part[0]) for part in parts})
    if len(heads) > 1:
        raise InvalidRequest(f"a frame is of one kind of entity, and there are several: {', '.join(heads)}")
    of_type = yield from types.of(heads[0])
    raws = yield _requests(parts, names, feature_set, event_times)
    answers = [packed.read(raw, len(part), len(names)) for raw, part in zip(raws, parts, strict=True)]
    columns = _columns(names, of_type, answers)
    statuses = [each for _, each in columns]
    if _unknown(names, of_type, statuses) or statuses != _statuses(len(names), answers):
        of_type = yield from types.of(heads[0], ASK_AGAIN_S)
        columns = _columns(names, of_type, answers)
    return _frame(entities, columns, _event_times(len(names), answers), event_times)


def split(entities: Sequence[str], features: int, limits: Limits) -> Iterator[Sequence[str]]:
    """The entities in parts that one call may ask for, in their order."""
    size = max(1, min(limits.entities, limits.values // max(1, features)))
    for start in range(0, len(entities), size):
        yield from _halves(entities[start : start + size], limits.name_bytes)


def _halves(part: Sequence[str], most_bytes: int) -> Iterator[Sequence[str]]:
    if len(part) == 1 or sum(map(_size, part)) <= most_bytes:
        yield part
        return
    middle = len(part) // 2
    yield from _halves(part[:middle], most_bytes)
    yield from _halves(part[middle:], most_bytes)


def _size(name: str) -> int:
    """Bytes of a name in a request, at most."""
    return len(name) + 4 if name.isascii() else 4 * len(name) + 4


def _check_entity(entity: object) -> None:
    if not isinstance(entity, str):
        raise InvalidRequest(f"an entity is {entity!r}, and must be an entity key, as entity_key() makes them")


def _names(features: Sequence[str] | None, feature_set: str | None) -> tuple[str, ...]:
    """The features to ask for by name, each once; none where there is a set."""
    if (features is None) == (feature_set is None):
        raise InvalidRequest("say which features: either their names or a feature_set")
    if isinstance(features, str):
        raise InvalidRequest(f"features is {features!r}, and must be a list of names")
    return tuple(dict.fromkeys(features or ()))


def _message(kind: Callable[..., _Message], **fields: Any) -> _Message:
    """A message; raises InvalidRequest for what can't be sent."""
    try:
        return kind(**fields)
    except (TypeError, ValueError) as error:
        raise InvalidRequest(f"this can't be asked for: {error}") from None


def _requests(
    parts: Sequence[Sequence[str]], names: Sequence[str], feature_set: str | None, event_times: bool
) -> Iterator[Request]:
    """A batch of each part, made when its turn comes."""
    for part in parts:
        message = _message(
            wire.BatchGetFeaturesRequest,
            entity_names=part,
            feature_names=() if feature_set else names,
            with_event_times=event_times,
            feature_set=feature_set,
            value_format=wire.VALUE_FORMAT_COLUMNS,
        )
        yield Request("BatchGetFeatures", message)


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


def _columns(
    names: Sequence[str], of_type: Mapping[str, Declared], answers: Sequence[PackedAnswer]
) -> list[tuple[Column, bytes]]:
    """Each feature's column, and its statuses."""
    columns = []
    for place, (name, statuses) in enumerate(zip(names, _statuses(len(names), answers), strict=True)):
        runs = [answer.columns[place] for answer in answers]
        if any(run.kind != runs[0].kind for run in runs) or any(
            answer.feature_names and answer.feature_names[place] != name for answer in answers
        ):
            raise Unavailable("the registry has changed while the features were read; try again")
        columns.append(value_column(name, of_type.get(name, AS_TEXT), runs, statuses))
    return columns


def _statuses(width: int, answers: Sequence[PackedAnswer]) -> list[bytes]:
    """Each feature's statuses."""
    return [known(b"".join(answer.statuses[place::width] for answer in answers)) for place in range(width)]


def _event_times(width: int, answers: Sequence[PackedAnswer]) -> list[bytes]:
    """Each feature's event times; empty where they weren't asked for."""
    rows = [memoryview(answer.event_times_ms).cast("q") for answer in answers]
    return [b"".join(row[place::width].tobytes() for row in rows) for place in range(width)]


def _unknown(names: Sequence[str], of_type: Mapping[str, Declared], statuses: Sequence[bytes]) -> bool:
    """Whether there is a value of a feature whose type isn't known."""
    return any(name not in of_type and 1 in has_value(each) for name, each in zip(names, statuses, strict=True))


def _frame(
    entities: Sequence[str], columns: Sequence[tuple[Column, bytes]], times: Sequence[bytes], event_times: bool
) -> Frame:
    values = [column for column, _ in columns]
    all_there = b"\1" * len(entities)
    statuses = [Column(column.name, Layout.STATUSES, TEXT, data, all_there) for column, data in columns]
    if not event_times:
        return Frame(entities, values, statuses, None)
    moments = [
        Column(column.name, Layout.MILLISECONDS, MOMENT, data, _not_zero(data))
        for column, data in zip(values, times, strict=True)
    ]
    return Frame(entities, values, statuses, moments)


def _not_zero(times_ms: bytes) -> bytes:
    """For each time 1 where it is known."""
    return bytes(map(bool, memoryview(times_ms).cast("q")))


def _moment(time_ms: int) -> datetime | None:
    """A time in milliseconds; 0 is what isn't known."""
    return _EPOCH + timedelta(milliseconds=time_ms) if time_ms else None
