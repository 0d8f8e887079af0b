"""The steps to many entities' features."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from featuremill_client import packed, registry
from featuremill_client.columns import Column, Layout, empty_column, value_column
from featuremill_client.errors import InvalidRequest, Unavailable
from featuremill_client.frame import Frame
from featuremill_client.keys import entity_of
from featuremill_client.packed import PackedAnswer
from featuremill_client.registry import Types
from featuremill_client.sql_types import AS_TEXT, MOMENT, TEXT, Declared
from featuremill_client.status import has_value, known
from featuremill_client.steps import Request, Steps, check_entity, check_names, message
from featuremill_client.v1 import serving_pb2 as wire


@dataclass(frozen=True)
class Limits:
    """What one call of BatchGetFeatures may ask for, as the service has it unless told otherwise."""

    entities: int = 5_000
    values: int = 250_000
    name_bytes: int = 3 * 1024 * 1024


def frame(
    types: Types,
    limits: Limits,
    entities: Iterable[str],
    features: Iterable[str] | None,
    feature_set: str | None,
    event_times: bool,
) -> Steps[Frame]:
    """The features of many entities."""
    if isinstance(entities, str):
        raise InvalidRequest(f"entities is {entities!r}: give a list of entity keys, or call get()")
    entities = list(entities)
    for entity in entities:
        check_entity(entity)
    names = check_names(features, feature_set)
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
        of_type = yield from types.of(heads[0], registry.ASK_AGAIN_S)
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


def _requests(
    parts: Sequence[Sequence[str]], names: Sequence[str], feature_set: str | None, event_times: bool
) -> Iterator[Request]:
    """A batch of each part, made when its turn comes."""
    for part in parts:
        batch = message(
            wire.BatchGetFeaturesRequest,
            entity_names=part,
            feature_names=() if feature_set else names,
            with_event_times=event_times,
            feature_set=feature_set,
            value_format=wire.VALUE_FORMAT_COLUMNS,
        )
        yield Request("BatchGetFeatures", batch)


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
