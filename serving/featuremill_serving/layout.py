"""How an entity lies in Redis: the one module on the reading side that knows.

An entity is a hash under its entity key. A feature is a field of it, the value as text. `@<pipeline>` is a field for
each pipeline that has written the entity, `<event time in ms>-<sequence>` of its last write. The same on paper:
proto/redis-layout.md.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

REGISTRY_KEY = "@registry"
"""The string that holds registry.json."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LAST_WRITE = re.compile(rb"(-?[0-9]{1,19})-[0-9]{1,19}")
PLAIN_LAST_WRITE = rb"(-?[0-9]{1,18}+)-[0-9]{1,19}+"
"""An `@<pipeline>` as nearly all are, of surely 64 bits; its group is the event time."""
_INT64 = range(-(2**63), 2**63)
_STORED = frozenset({bytes, type(None)})
_SAFE_DIGITS = 18  # of a number that is surely one of 64 bits
# Above this number of fields a hash is a table (hash-max-listpack-entries), in which HMGET looks up and doesn't scan.
_LISTPACK_FIELDS = 128
_WHOLE_FROM = 60


def is_name(text: str) -> bool:
    """Whether an entity, a feature or a pipeline can be called that."""
    return _NAME.fullmatch(text) is not None


def entity_of(entity_name: str) -> str | None:
    """The entity of an entity key, `airport` of `airport:JFK`; None of what can't be an entity key."""
    entity, colon, key = entity_name.partition(":")
    return entity if colon and key and is_name(entity) else None


class Read:
    """One read of some fields of any entity, its command encoded once: HMGET, or HGETALL where that costs less.

    A row is what an entity's read gives: the features' values, then the pipelines' last writes; None for what isn't
    there.
    """

    __slots__ = ("_head", "_tail", "features", "fields", "pipelines", "whole")

    def __init__(self, features: Iterable[str], pipelines: Iterable[str], fields_of_entity: int | None = None) -> None:
        """Names may come more than once; `fields_of_entity` is how many the hash has at most, None if unknown."""
        self.features = tuple(dict.fromkeys(features))
        self.pipelines = tuple(dict.fromkeys(pipelines))
        self.fields = (*self.features, *(f"@{pipeline}" for pipeline in self.pipelines))
        self.whole = fields_of_entity is not None and reads_whole(len(self.fields), fields_of_entity)
        if self.whole:
            self._head, self._tail = b"*2\r\n$7\r\nHGETALL\r\n", b""
        else:
            self._head = b"*%d\r\n$5\r\nHMGET\r\n" % (len(self.fields) + 2)
            self._tail = b"".join(_bulk(field.encode()) for field in self.fields)

    def command(self, key: bytes) -> bytes:
        """The read of one entity as Redis takes it."""
        return b"%b$%d\r\n%b\r\n%b" % (self._head, len(key), key, self._tail)

    def commands(self, keys: Iterable[bytes]) -> bytes:
        """The reads of many, one after the other."""
        head, tail = self._head, self._tail
        return b"".join([b"%b$%d\r\n%b\r\n%b" % (head, len(key), key, tail) for key in keys])

    def rows(self, replies: Sequence[Any]) -> Sequence[Sequence[bytes | None]]:
        """What Redis answered, as rows.

        Raises:
            ValueError: one isn't an answer to this command: no list, or not of so many values.
        """
        for other in set(map(type, replies)) - {list}:
            raise ValueError(f"a {other.__name__} for a list")
        for other in set(map(type, chain.from_iterable(replies))) - _STORED:
            raise ValueError(f"a {other.__name__} for a value")
        if self.whole:
            return [self._row(reply) for reply in replies]
        for number in set(map(len, replies)) - {len(self.fields)}:
            raise ValueError(f"{number} values for {len(self.fields)} fields")
        return replies

    def _row(self, reply: Sequence[bytes]) -> Sequence[bytes | None]:
        found = dict(zip(reply[::2], reply[1::2], strict=True))
        return [found.get(field.encode()) for field in self.fields]


def reads_whole(asked: int, there: int) -> bool:
    """Whether HGETALL costs less than HMGET for so many fields of a hash of so many.

    HMGET scans a small hash once for each field; HGETALL scans it once, but all of it is sent and parsed. Measured
    in CPU µs of Redis and of this side together, with 12 to 120 fields: they meet where 60 are asked for (27 each of
    120 fields; for 90 of 100 it is 38 to 26), and below that HMGET is ahead, the further the fewer (20 of 50: 8 to 12).
    """
    return asked >= _WHOLE_FROM and there <= _LISTPACK_FIELDS


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


def parse_event_times(last_writes: Sequence[bytes | None]) -> list[int | None]:
    """`parse_event_time` of each, None where there is none; at a part of its cost where all are well-formed."""
    try:
        lines = b"\n%b\n" % b"\n".join(last_writes)  # type: ignore[arg-type]
    except TypeError:  # one of them is None
        return [None if each is None else parse_event_time(each) for each in last_writes]
    dashes = lines.translate(None, b"0123456789")
    if dashes == b"\n" + b"-\n" * len(last_writes) and b"\n-" not in lines and b"-\n" not in lines:
        numbers = lines[1:-1].replace(b"\n", b"-").split(b"-")
        if max(map(len, numbers)) <= _SAFE_DIGITS:
            return list(map(int, numbers[::2]))
    return [None if each is None else parse_event_time(each) for each in last_writes]


def _bulk(text: bytes) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(text), text)
