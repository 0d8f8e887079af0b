"""What must be in Redis at the end, computed from the rows alone: last write wins, in a few lines of plain Python.

Nothing of the sink's is used here. A row's place in time is its event time and its sequence, the offset that Kafka
gave it; for each entity key and pipeline a row with a smaller place than one before it changes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

PIPELINES = ("departures", "delays")
NAMES = 4
START = 1_357_020_000_000  # 2013-01-01T06:00:00Z
STEP_MS = 10
LATE_MS = 600_000
HOUR_MS = 3_600_000
# What rows of a pipeline ask for, in milliseconds; a pipeline that isn't named here has none. One and the same for all
# rows would not show whether a row that is turned away extends a key's life.
TIMES_TO_LIVE = {"departures": (2 * HOUR_MS, 5 * HOUR_MS)}
FOR_EVER = 2**63 - 1

State = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Row:
    """A row of the feature source. Its values carry its number, so that no two rows' are alike."""

    number: int
    entity_key: str
    pipeline: str
    event_time: int
    features: Mapping[str, str | None]
    ttl_ms: int | None = None


@dataclass(frozen=True)
class Arrival:
    """A row in Kafka, at an offset. All rows of an entity are in one partition of their pipeline's topic.

    `at` is when it was produced, in milliseconds since the epoch: it was not written to Redis before.
    """

    row: Row
    sequence: int
    at: int = 0


def generate(count: int, seed: int, keys: int = 10_000, *, whole: bool = False) -> list[Row]:
    """Rows of two pipelines about `keys` entities, some of them hot; some rows are late, removals, or partial.

    `whole`: none is partial, each row names all features of its pipeline. Of every other entity only the pipeline
    whose rows have a time to live knows.
    """
    numbers = random.Random(seed)
    return [_row(numbers, number, keys, whole) for number in range(count)]


def _row(numbers: random.Random, number: int, keys: int, whole: bool) -> Row:
    entity = numbers.randrange(10 if numbers.random() < 0.1 else keys)
    pipeline = numbers.choice(PIPELINES) if entity % 2 else PIPELINES[0]
    late = numbers.randrange(LATE_MS) if numbers.random() < 0.1 else 0
    names = [f"{pipeline}_{name}" for name in range(NAMES)]
    features: dict[str, str | None] = dict.fromkeys(names, str(number))
    kind = numbers.random()
    if kind < 0.05:
        features = dict.fromkeys(names)
    elif kind < 0.15:
        features[numbers.choice(names)] = None
    elif kind < 0.30 and not whole:
        features = {name: features[name] for name in numbers.sample(names, numbers.randint(1, NAMES - 1))}
    ttl_ms = numbers.choice(TIMES_TO_LIVE[pipeline]) if pipeline in TIMES_TO_LIVE else None
    return Row(number, f"thing:{entity}", pipeline, START + number * STEP_MS - late, features, ttl_ms)


def shuffled(rows: Sequence[Row], seed: int, duplicates: int) -> list[Row]:
    """The rows in any order, some of them twice."""
    numbers = random.Random(seed)
    mixed = [*rows, *numbers.sample(rows, duplicates)]
    numbers.shuffle(mixed)
    return mixed


def end_state(arrivals: Iterable[Arrival], *, guarded: bool = True) -> dict[str, dict[str, str]]:
    """The hashes of all entities when every row has been taken in.

    Not `guarded`, the last to arrive wins: what a sink would do that doesn't look at event times.
    """
    state: dict[str, dict[str, str]] = {}
    for arrival in _written(arrivals) if guarded else _by_offset(arrivals):
        row = arrival.row
        fields = state.setdefault(row.entity_key, {})
        fields[f"@{row.pipeline}"] = f"{row.event_time}-{arrival.sequence}"
        for name, value in row.features.items():
            if value is None:
                fields.pop(name, None)
            else:
                fields[name] = value
    return state


def end_expiries(arrivals: Sequence[Arrival], judged_at: int, *, ordered: bool = True) -> dict[str, tuple[int, int]]:
    """When each key is to expire: the earliest and the latest time that is right, in milliseconds since the epoch.

    A key lives for the longest that any row asked for which was written, counted from its write: after the row was
    produced and before `judged_at`. A write that is repeated starts the clock anew. Not `ordered`, rows may have come
    to the sink in another order than by offset, as after a change of parallelism: which older ones of a key were
    written is open then.
    """
    written = list(_written(arrivals))
    newest = {(arrival.row.entity_key, arrival.row.pipeline): arrival for arrival in written}
    bounds: dict[str, tuple[int, int]] = {}
    for arrival in written if ordered else newest.values():
        earliest, latest = bounds.get(arrival.row.entity_key, (0, 0))
        lasts = max(earliest, _expiry(arrival.row, arrival.at)), max(latest, _expiry(arrival.row, judged_at))
        bounds[arrival.row.entity_key] = lasts
    for arrival in () if ordered else arrivals:
        earliest, latest = bounds[arrival.row.entity_key]
        bounds[arrival.row.entity_key] = earliest, max(latest, _expiry(arrival.row, judged_at))
    return bounds


def _expiry(row: Row, written_at: int) -> int:
    return FOR_EVER if row.ttl_ms is None else written_at + row.ttl_ms


def _written(arrivals: Iterable[Arrival]) -> Iterator[Arrival]:
    """Those that meet nothing newer of their key and pipeline."""
    last: dict[tuple[str, str], tuple[int, int]] = {}
    for arrival in _by_offset(arrivals):
        place, of = (arrival.row.event_time, arrival.sequence), (arrival.row.entity_key, arrival.row.pipeline)
        if place >= last.get(of, place):
            last[of] = place
            yield arrival


def _by_offset(arrivals: Iterable[Arrival]) -> list[Arrival]:
    """In the order in which a reader gets those of one key and pipeline."""
    return sorted(arrivals, key=lambda arrival: arrival.sequence)


def wrong_expiries(found: Mapping[str, int], expected: Mapping[str, tuple[int, int]]) -> list[str]:
    """The keys that expire at another time than they should, in words. What is there at all `compare` tells."""
    return [
        f"{key} expires at {at}, expected {expected[key][0]} to {expected[key][1]}"
        for key, at in sorted(found.items())
        if key in expected and not expected[key][0] <= at <= expected[key][1]
    ]


@dataclass
class Verdict:
    """How what was found differs from what was expected, counted in fields, the places `@<pipeline>` among them."""

    lost: int = 0
    regressed: int = 0
    examples: list[str] = field(default_factory=list)


def compare(found: State, expected: State) -> Verdict:
    """Lost is a field that should be there and isn't; regressed one with another value than the last, or none due."""
    verdict = Verdict()
    for key, name, was, should in _differences(found, expected):
        if was is None:
            verdict.lost += 1
        else:
            verdict.regressed += 1
        if len(verdict.examples) < 10:
            verdict.examples.append(f"{key} {name}: found {was}, expected {should}")
    return verdict


def _differences(found: State, expected: State) -> Iterator[tuple[str, str, str | None, str | None]]:
    for key in sorted({*found, *expected}):
        was, should = found.get(key, {}), expected.get(key, {})
        for name in sorted({*was, *should}):
            if was.get(name) != should.get(name):
                yield key, name, was.get(name), should.get(name)
