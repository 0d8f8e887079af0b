"""Partitions of the batch examples beside the computation of our own; as a program, all that a backfill has written.

    python tests/e2e/comparing_batches.py carrier_daily_quality .featuremill/feature_source .featuremill/year

compares every entity, feature and day of the feature source's partitions of the pipeline with what follows from the
tables in `.featuremill/year/<pipeline>`. It takes half a minute for a year; the exit code is 1 where something differs.
Run it where featuremill_local can be imported: `PYTHONPATH=codegen:local:sinks`.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from featuremill_local.environments import process_environment, python
from featuremill_local.helpers import run_helper
from independent_batch import Features, airport_weather_daily, carrier_daily_quality

READ_PARTITION = Path(__file__).parents[1] / "codegen" / "read_partition.py"
Rows = Sequence[tuple[str, int, Mapping[str, str | None]]]
MOST = 20


def wanted_of(pipeline: str, tables: Path, day: date) -> Mapping[str, Features]:
    """What the pipeline's partition of the day must hold, by entity key."""
    if pipeline == "carrier_daily_quality":
        return carrier_daily_quality(tables / "flights", day)
    return airport_weather_daily(tables / "airport_flights", tables / "weather", day)


def read_partitions(folders: Sequence[Path]) -> list[Rows]:
    """The rows of each folder: entity key, event time in milliseconds, features as text."""
    read = run_helper([str(python("job")), str(READ_PARTITION), *map(str, folders)], env=process_environment("job"))
    assert read.exit_code == 0, read.output
    return [json.loads(line) for line in read.output.splitlines() if line.startswith("[")]


def differences(rows: Rows, wanted: Mapping[str, Features], day: date) -> list[str]:
    """A sentence for each value that is not what it must be, and for each entity and event time."""
    found = {key: features for key, _, features in rows}
    said = []
    if sorted(key for key, _, _ in rows) != sorted(wanted):
        said.append(f"{day}: the entities are {', '.join(sorted(found))}, and must be {', '.join(sorted(wanted))}")
    said += [f"{day} {key}: the event time is {at}" for key, at, _ in rows if at != day_end_ms(day)]
    for key in sorted(found.keys() & wanted.keys()):
        said += differing(found[key], wanted[key], f"{day} {key}")
    return said


def differing(found: Mapping[str, str | None], wanted: Features, what: str) -> list[str]:
    """A sentence for each feature of an entity that is not what it must be."""
    if found.keys() != wanted.keys():
        return [f"{what}: the features are {', '.join(found)}"]
    values = ((name, found[name], value) for name, value in wanted.items())
    return [f"{what} {name}: {text} is not {value}" for name, text, value in values if not same(text, value)]


def same(text: str | None, value: object) -> bool:
    """Compared as values of their type, never as text; doubles within 1e-9."""
    if text is None or value is None:
        return text is None and value is None
    if isinstance(value, list):
        return bool(json.loads(text) == value)
    if isinstance(value, float):
        return math.isclose(float(text), value, rel_tol=1e-9)
    return text == str(value)


def day_end_ms(day: date) -> int:
    """The end of a day in UTC."""
    return int(datetime.combine(day + timedelta(1), time(), UTC).timestamp() * 1000)


def main(arguments: Sequence[str]) -> int:
    """Compare everything that is there; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pipeline", choices=("carrier_daily_quality", "airport_weather_daily"))
    parser.add_argument("feature_source", type=Path)
    parser.add_argument("data", type=Path, help="the folder of all pipelines' tables")
    given = parser.parse_args(arguments)
    folders = sorted((given.feature_source / given.pipeline).glob("dt=*"))
    days = [date.fromisoformat(folder.name.removeprefix("dt=")) for folder in folders]
    said: list[str] = []
    values = entities = 0
    for day, rows in zip(days, read_partitions(folders), strict=True):
        wanted = wanted_of(given.pipeline, given.data / given.pipeline, day)
        said += differences(rows, wanted, day)
        entities += len(wanted)
        values += sum(map(len, wanted.values()))
    print(*said[:MOST], sep="\n", end="\n" if said else "")
    span = f" from {days[0]} to {days[-1]}" if days else ""
    print(f"{len(days)} days{span}, {entities:,} rows, {values:,} values: {len(said)} differ")
    return 1 if said or not days else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
