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

State = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Row:
    """A row of the feature source. Its values carry its number, so that no two rows' are alike."""

    number: int
    entity_key: str
    pipeline: str
    event_time: int
    features: Mapping[str, str | None]


@dataclass(frozen=True)
class Arrival:
    """A row in Kafka, at an offset. All rows of an entity are in one partition of their pipeline's topic."""

    row: Row
    sequence: int


def generate(count: int, seed: int, keys: int = 10_000) -> list[Row]:
    """Rows of two pipelines about `keys` entities, some of them hot; some rows are late, partial, or removals."""
    numbers = random.Random(seed)
    return [_row(numbers, number, keys) for number in range(count)]


def _row(numbers: random.Random, number: int, keys: int) -> Row:
    pipeline = numbers.choice(PIPELINES)
    entity = numbers.randrange(10 if numbers.random() < 0.1 else keys)
    late = numbers.randrange(LATE_MS) if numbers.random() < 0.1 else 0
    names = [f"{pipeline}_{name}" for name in range(NAMES)]
    features: dict[str, str | None] = dict.fromkeys(names, str(number))
    kind = numbers.random()
    if kind < 0.05:
        features = dict.fromkeys(names)
    elif kind < 0.15:
        features[numbers.choice(names)] = None
    elif kind < 0.30:
        features = {name: features[name] for name in numbers.sample(names, numbers.randint(1, NAMES - 1))}
    return Row(number, f"thing:{entity}", pipeline, START + number * STEP_MS - late, features)


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
    last: dict[tuple[str, str], tuple[int, int]] = {}
    for arrival in sorted(arrivals, key=lambda arrival: arrival.sequence):
        row = arrival.row
        place = (row.event_time, arrival.sequence)
        if guarded and place < last.get((row.entity_key, row.pipeline), place):
            continue
        last[row.entity_key, row.pipeline] = place
        fields = state.setdefault(row.entity_key, {})
        fields[f"@{row.pipeline}"] = f"{place[0]}-{place[1]}"
        for name, value in row.features.items():
            if value is None:
                fields.pop(name, None)
            else:
                fields[name] = value
    return state


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
