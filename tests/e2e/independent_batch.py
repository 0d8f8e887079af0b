"""What the batch examples have to say, computed once more in plain Python from the rows of their tables.

Nothing here comes from the pipelines, Spark or code generation; see independent.py.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

Features = dict[str, float | int | list[int] | list[str] | None]
ON_TIME_MINUTES = 15


def read_days(table: Path, first: date, last: date) -> Iterator[tuple[date, list[str]]]:
    """The rows of a table's CSV files with their day, as far as there is a partition of it."""
    for number in range((last - first).days + 1):
        day = first + timedelta(number)
        for file in sorted((table / f"dt={day}").glob("*.csv")):
            with file.open(encoding="utf-8", newline="") as lines:
                yield from ((day, row) for row in csv.reader(lines))


def carrier_daily_quality(flights: Path, day: date) -> Mapping[str, Features]:
    """The features of each carrier that had a flight scheduled on the day, by entity key.

    Over the 7 and the 28 days that end with it: the number of scheduled flights, the share of them that never left, the
    mean arrival delay in minutes of those that arrived (None without one), and the share of the scheduled ones that
    arrived less than 15 minutes late.
    """
    delays: defaultdict[str, list[tuple[date, bool, int | None]]] = defaultdict(list)
    for scheduled, (carrier, _, _, _, departure, arrival) in read_days(flights, day - timedelta(27), day):
        delays[carrier].append((scheduled, departure == "", int(arrival) if arrival else None))
    features: dict[str, Features] = {}
    for carrier, all_rows in delays.items():
        if not any(scheduled == day for scheduled, _, _ in all_rows):
            continue
        values: Features = {}
        for days in (7, 28):
            rows = [row for row in all_rows if row[0] > day - timedelta(days)]
            arrivals = [arrival for _, _, arrival in rows if arrival is not None]
            values[f"flights_{days}d"] = len(rows)
            values[f"cancellation_rate_{days}d"] = sum(cancelled for _, cancelled, _ in rows) / len(rows)
            values[f"mean_arrival_delay_{days}d"] = sum(arrivals) / len(arrivals) if arrivals else None
            values[f"on_time_share_{days}d"] = sum(delay < ON_TIME_MINUTES for delay in arrivals) / len(rows)
        features[f"carrier:{carrier}"] = values
    return features


def airport_weather_daily(flights: Path, weather: Path, day: date) -> Mapping[str, Features]:
    """The features of each airport that had a flight scheduled on the day, by entity key.

    An hour's weather is bad where it has fog (visibility of a mile or less), rain (precipitation) or wind (20 miles an
    hour or more); of two measurements of one hour the worse counts. Over the flights that departed: their number, their
    mean delay in minutes, that of those scheduled in an hour of bad weather (both None without one), the hours whose
    mean delay is 15 minutes or more, and the conditions of any hour of the day.
    """
    hours: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    for _, (origin, hour, visibility, wind, precipitation) in read_days(weather, day, day):
        found = hours[origin, int(hour)]
        found |= {"fog"} if visibility and float(visibility) <= 1 else set()
        found |= {"rain"} if precipitation and float(precipitation) > 0 else set()
        found |= {"wind"} if wind and float(wind) >= 20 else set()
    airports: defaultdict[str, defaultdict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for _, (origin, hour, delay) in read_days(flights, day, day):
        airports[origin][int(hour)] += [int(delay)] if delay else []
    features: dict[str, Features] = {}
    for origin, by_hour in airports.items():
        delays = [delay for several in by_hour.values() for delay in several]
        bad = [delay for hour, several in by_hour.items() if hours.get((origin, hour)) for delay in several]
        late = sorted(hour for hour, several in by_hour.items() if several and sum(several) >= 15 * len(several))
        conditions = {condition for (place, _), found in hours.items() if place == origin for condition in found}
        measured = any(place == origin for place, _ in hours)
        features[f"airport:{origin}"] = {
            "departures_1d": len(delays),
            "mean_departure_delay_1d": sum(delays) / len(delays) if delays else None,
            "mean_departure_delay_bad_weather_1d": sum(bad) / len(bad) if bad else None,
            "late_hours_1d": late,
            "weather_conditions_1d": sorted(conditions) if measured else None,
        }
    return features
