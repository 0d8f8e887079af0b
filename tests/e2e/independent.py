"""What the two sample pipelines have to say, computed once more in plain Python.

The end-to-end test compares what Flink left in Redis with this. So nothing here comes from the pipelines, an SQL engine
or code generation: each function takes the sample's rows and follows the pipeline's description, as plainly as it can.

    rows = airport_departure_delay(read_rows(Path("pipelines/airport_departure_delay/sample/departures.jsonl")))
    last_by_key(rows)["airport:JFK"]["features"]["departures_1h"]
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypedDict

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WINDOW = timedelta(hours=1)
SLIDE = timedelta(minutes=10)
OUT_OF_ORDERNESS = timedelta(minutes=5)
DELAYED_MINUTES = 15
EARTH_RADIUS_KM = 6371.0088  # the mean radius


class FeatureRow(TypedDict):
    """A row of the feature source, its features as Python values instead of text; `event_time` in UTC, to the ms."""

    entity_key: str
    event_time: str
    features: dict[str, Any]


class LateRowError(ValueError):
    """A row behind the watermark: Flink may leave it out of a window, so the features are not determined."""


class TieError(ValueError):
    """An aircraft whose last arrival is two arrivals at one instant: which is the last is not determined."""


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a .jsonl file, in order."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def instant(text: str) -> datetime:
    """An instant from ISO-8601, such as 2013-01-01T10:17:00Z."""
    return datetime.fromisoformat(text).astimezone(UTC)


def wire_time(time: datetime) -> str:
    """An instant as the feature source has it: 2013-01-01T11:00:00.000Z."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{time.microsecond // 1000:03d}Z"


def entity_key(entity: str, key: str) -> str:
    """`<entity>:<key>`, with the characters that mean something in a key as % and two hex digits."""
    return entity + ":" + "".join(f"%{ord(c):02X}" if c in "%:{}\x7f" or c < " " else c for c in key)


def last_by_key(rows: Iterable[FeatureRow]) -> dict[str, FeatureRow]:
    """The row with the greatest event time of each entity key; of two at one time the later in `rows`, as in Redis."""
    last: dict[str, FeatureRow] = {}
    for row in rows:
        before = last.get(row["entity_key"])
        if before is None or instant(row["event_time"]) >= instant(before["event_time"]):
            last[row["entity_key"]] = row
    return last


def window_ends(time: datetime) -> list[datetime]:
    """The ends of the windows [start, start + 1 h) that hold `time`; one starts every 10 min from the epoch."""
    latest_start = time - (time - EPOCH) % SLIDE
    starts = [latest_start - step * SLIDE for step in range(WINDOW // SLIDE)]
    return sorted(start + WINDOW for start in starts)


def airport_departure_delay(rows: Iterable[Mapping[str, Any]]) -> list[FeatureRow]:
    """A feature row for each airport and window of 1 h, every 10 min, that holds a departure; by event time, then key.

    `rows` are departures in the order in which they come in: `origin`, `departure_time` (UTC) and `departure_delay`
    (minutes, negative: early). The event time is the window's end. Features, over the departures of the window:

    - `departures_1h`: their number
    - `mean_departure_delay_1h`, `max_departure_delay_1h`: minutes
    - `share_delayed_15min_1h`: the share, from 0 to 1, of delays of 15 minutes or more

    A departure that is late (more than 5 minutes behind the newest before it) is refused: LateRowError.
    """
    delays: defaultdict[tuple[datetime, str], list[int]] = defaultdict(list)
    newest = EPOCH
    for row in rows:
        time = instant(row["departure_time"])
        newest = max(newest, time)
        if time < newest - OUT_OF_ORDERNESS:
            raise LateRowError(f"{row} is behind the watermark {wire_time(newest - OUT_OF_ORDERNESS)}")
        for end in window_ends(time):
            delays[end, row["origin"]].append(row["departure_delay"])
    return [
        {
            "entity_key": entity_key("airport", origin),
            "event_time": wire_time(end),
            "features": {
                "departures_1h": len(window),
                "mean_departure_delay_1h": sum(window) / len(window),
                "max_departure_delay_1h": max(window),
                "share_delayed_15min_1h": sum(delay >= DELAYED_MINUTES for delay in window) / len(window),
            },
        }
        for (end, origin), window in sorted(delays.items())
    ]


def great_circle_km(from_degrees: tuple[float, float], to_degrees: tuple[float, float]) -> float:
    """The distance in km between two points (latitude, longitude in degrees) on a sphere, by the haversine formula."""
    latitude_1, longitude_1 = map(math.radians, from_degrees)
    latitude_2, longitude_2 = map(math.radians, to_degrees)
    h = (
        math.sin((latitude_2 - latitude_1) / 2) ** 2
        + math.cos(latitude_1) * math.cos(latitude_2) * math.sin((longitude_2 - longitude_1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, h)))


def aircraft_rotation(flights: Iterable[Mapping[str, Any]], airports: Iterable[Mapping[str, Any]]) -> list[FeatureRow]:
    """The feature row of each aircraft when every flight has been seen, by key.

    `flights`: `tail_number`, `origin`, `destination`, `arrival_time` (UTC), `arrival_delay` (minutes or None); without
    tail number or arrival time a flight is left out. `airports`: `faa`, `latitude`, `longitude` (degrees). The event
    time is the aircraft's last arrival. Features:

    - `last_destination`, `last_arrival_delay` (minutes or None): of the last arrival
    - `legs_today`: arrivals on the UTC day of the last one
    - `km_today`: the sum of those legs' great-circle distances in km; a leg from or to an unknown airport adds nothing;
      None when no leg is between known airports

    Two last arrivals at one instant are refused: TieError.
    """
    places = {airport["faa"]: (airport["latitude"], airport["longitude"]) for airport in airports}
    arrivals: defaultdict[str, list[tuple[datetime, Mapping[str, Any]]]] = defaultdict(list)
    for flight in flights:
        if flight["tail_number"] and flight["arrival_time"]:
            arrivals[flight["tail_number"]].append((instant(flight["arrival_time"]), flight))
    rows: list[FeatureRow] = []
    for tail_number, legs in sorted(arrivals.items()):
        last_time = max(time for time, _ in legs)
        lasts = [flight for time, flight in legs if time == last_time]
        if len(lasts) > 1:
            raise TieError(f"{tail_number} arrived more than once at {wire_time(last_time)}: {lasts}")
        today = [flight for time, flight in legs if time.date() == last_time.date()]
        distances = [
            great_circle_km(places[flight["origin"]], places[flight["destination"]])
            for flight in today
            if flight["origin"] in places and flight["destination"] in places
        ]
        rows.append(
            {
                "entity_key": entity_key("aircraft", tail_number),
                "event_time": wire_time(last_time),
                "features": {
                    "last_destination": lasts[0]["destination"],
                    "last_arrival_delay": lasts[0]["arrival_delay"],
                    "legs_today": len(today),
                    "km_today": math.fsum(distances) if distances else None,
                },
            }
        )
    return rows
