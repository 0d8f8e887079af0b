"""How an entity lies in Redis: the one module on the reading side that knows.

An entity is a hash under its entity key. A feature is a field of it, the value as text. `@<pipeline>` is a field for
each pipeline that has written the entity, `<event time in ms>-<sequence>` of its last write. The same on paper:
proto/redis-layout.md.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

REGISTRY_KEY = "@registry"
"""The string that holds registry.json."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LAST_WRITE = re.compile(rb"(-?[0-9]{1,19})-[0-9]{1,19}")
_INT64 = range(-(2**63), 2**63)


def is_name(text: str) -> bool:
    """Whether an entity, a feature or a pipeline can be called that."""
    return _NAME.fullmatch(text) is not None


def entity_of(entity_name: str) -> str | None:
    """The entity of an entity key, `airport` of `airport:JFK`; None of what can't be an entity key."""
    entity, colon, key = entity_name.partition(":")
    return entity if colon and key and is_name(entity) else None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one read found: a value for each feature that has one, event times in ms for each pipeline that tells."""

    values: Mapping[str, bytes]
    event_times_ms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Read:
    """One HMGET: the key and its fields, each once, the features before the pipelines' own."""

    key: str
    features: tuple[str, ...]
    pipelines: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.features, *(f"@{pipeline}" for pipeline in self.pipelines))

    def decode(self, reply: Sequence[bytes | None]) -> Snapshot:
        """What Redis answered, aligned with `fields`. A last write that can't be read counts as not told."""
        told = zip(self.pipelines, reply[len(self.features) :], strict=True)
        return Snapshot(
            values={name: value for name, value in zip(self.features, reply, strict=False) if value is not None},
            event_times_ms={
                pipeline: event_time_ms
                for pipeline, last_write in told
                if last_write is not None and (event_time_ms := parse_event_time(last_write)) is not None
            },
        )


def plan(entity_name: str, features: Iterable[str], pipelines: Iterable[str]) -> Read:
    """The read of some features and of when some pipelines last wrote; names may come more than once."""
    return Read(entity_name, tuple(dict.fromkeys(features)), tuple(dict.fromkeys(pipelines)))


def parse_event_time(last_write: bytes) -> int | None:
    """The event time in ms of an `@<pipeline>`; None where it is malformed.

    >>> parse_event_time(b"1357020000000-17")
    1357020000000
    """
    match = _LAST_WRITE.fullmatch(last_write)
    if match is None:
        return None
    event_time_ms = int(match[1])
    return event_time_ms if event_time_ms in _INT64 else None
