"""What became of the rows of a topic that was ingested: each has its stamp in Redis, or a newer one, or a dead letter.

The job is not asked. The topic is read once more, by another client than Flink's, and compared with Redis.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from featuremill_sinks.verification import Row, verify

from featuremill_local.ingestion_check import Check, PartitionRow, problems
from featuremill_local.topics import Offsets, read_all

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROWS_AT_ONCE = 10_000
COMPARED = 1_000


@dataclass(frozen=True)
class Rows:
    """Rows of a topic: these offsets, and of them those with an event time from `first` to before `before`."""

    topic: str
    offsets: Offsets
    first: datetime | None = None
    before: datetime | None = None

    def count(self) -> int:
        """How many offsets there are."""
        return sum(end - first for first, end in self.offsets.values())


@dataclass(frozen=True)
class TopicRow(Row):
    """A row as it lies in the topic; `sequence` is its offset."""

    partition: int = 0
    value: bytes | None = None


@dataclass
class Letters:
    """The reasons that dead letters give, by what they tell of the row: its place, its bytes, its key and time."""

    by_place: dict[tuple[int, int], str] = field(default_factory=dict)
    by_value: dict[bytes | None, str] = field(default_factory=dict)
    by_key: dict[tuple[str, int | None], str] = field(default_factory=dict)

    def reason(self, row: TopicRow) -> str | None:
        """Why the row is not in Redis, as far as a dead letter says so."""
        return (
            self.by_place.get((row.partition, row.sequence))
            or self.by_value.get(row.value)
            or self.by_key.get((row.entity_key or "", row.event_time))
        )


def check_topic(kafka: str, rows: Rows, letters: Sequence[Mapping[str, Any]], redis: Any, pipeline: str) -> Check:
    """Count and compare; `letters` are the dead letters since the job began. Raises `KafkaException`, `RedisError`.

    Beside the members of `featuremill_sinks.verification`'s report there is `left_out`, the rows of other event times.
    """
    known = letters_of(letters, rows.topic)
    left_out = 0

    def chosen() -> Iterator[TopicRow]:
        nonlocal left_out
        for message in read_all(kafka, rows.topic, rows.offsets):
            row = row_of(message)
            if row.event_time is not None and not _is_within(row.event_time, rows):
                left_out += 1
            else:
                yield row

    every = max(1, rows.count() // COMPARED)
    found, compared = verify(_batches(chosen()), redis, pipeline, every, known.reason)
    report = {**vars(found), "left_out": left_out}
    same = [PartitionRow(str(row.entity_key), _instant(row.event_time), row.features, row.sequence) for row in compared]
    return Check(report, same, problems(report, None))


def letters_of(letters: Sequence[Mapping[str, Any]], topic: str) -> Letters:
    """What these dead letters say of a topic's rows."""
    found = Letters()
    for letter in letters:
        origin, encoded = letter["origin"] or {}, letter["value_base64"]
        value = base64.b64decode(encoded) if encoded is not None else None
        if origin.get("topic") == topic:
            found.by_place[origin["partition"], origin["offset"]] = letter["reason"]
        elif letter["stage"] == "feature-source":
            found.by_value[value] = letter["reason"]  # a format sees neither topic nor offset
        elif letter["stage"] == "redis" and value is not None:
            key, event_time, _ = _read(value)
            found.by_key[key or "", event_time] = letter["reason"]
    return found


def row_of(message: Any) -> TopicRow:
    """A message of the feature source. What can't be read is missing in it, and a key is then the message's place."""
    try:
        key, event_time, features = _read(message.value())
    except (TypeError, ValueError, AttributeError):
        key, event_time, features = None, None, {}
    place = f"{message.topic()}, partition {message.partition()}, offset {message.offset()}"
    return TopicRow(key or place, event_time, features, message.offset(), message.partition(), message.value())


def _read(value: bytes) -> tuple[str | None, int | None, dict[str, str | None]]:
    row = json.loads(value, parse_int=str, parse_float=str)
    features = {name: _text(each) for name, each in (row.get("features") or {}).items()}
    time = row.get("event_time")
    instant = datetime.fromisoformat(time) if time is not None else None
    if instant is not None and instant.tzinfo is None:
        raise ValueError(f"{time} has no time zone")
    return row.get("entity_key"), (instant - EPOCH) // timedelta(milliseconds=1) if instant else None, features


def _text(value: Any) -> str | None:
    """A feature's value as Flink's format takes it: whatever it is, as text."""
    return value if value is None or isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _is_within(event_time: int, rows: Rows) -> bool:
    instant = _instant(event_time)
    return (rows.first is None or instant >= rows.first) and (rows.before is None or instant < rows.before)


def _instant(event_time: int | None) -> datetime:
    return EPOCH + timedelta(milliseconds=event_time or 0)


def _batches(rows: Iterator[TopicRow]) -> Iterator[list[TopicRow]]:
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield batch
