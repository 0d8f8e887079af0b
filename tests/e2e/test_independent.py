"""The independent computation on cases small enough to work out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from independent import (
    FeatureRow,
    LateRowError,
    TieError,
    aircraft_rotation,
    airport_departure_delay,
    entity_key,
    great_circle_km,
    instant,
    last_by_key,
    window_ends,
    wire_time,
)

QUARTER_KM = math.pi / 2 * 6371.0088  # a quarter of a great circle: 10007.557 km
AIRPORTS: list[dict[str, Any]] = [
    {"faa": "AAA", "latitude": 0.0, "longitude": 0.0},
    {"faa": "BBB", "latitude": 0.0, "longitude": 90.0},
    {"faa": "POL", "latitude": 90.0, "longitude": 12.0},
]


def departure(origin: str, time: str, delay: int) -> dict[str, Any]:
    """A departure on 2013-01-01 at that time of day (UTC); delay in minutes."""
    return {"origin": origin, "departure_time": f"2013-01-01T{time}Z", "departure_delay": delay}


def leg(tail: str | None, origin: str, destination: str, arrival: str | None, delay: int | None = 0) -> dict[str, Any]:
    """A flight that arrived at that day and time in January 2013 (UTC), given as 02T10:00:00; delay in minutes."""
    return {
        "tail_number": tail,
        "origin": origin,
        "destination": destination,
        "arrival_time": arrival and f"2013-01-{arrival}Z",
        "arrival_delay": delay,
    }


def at(rows: list[FeatureRow], key: str, time: str) -> dict[str, Any]:
    """The features of that key and event time (a time of day, 2013-01-01)."""
    (row,) = [row for row in rows if row["entity_key"] == key and row["event_time"] == f"2013-01-01T{time}:00.000Z"]
    return row["features"]


@pytest.mark.parametrize(
    ("time", "first_end", "last_end"),
    [
        ("2013-01-01T10:17:00Z", "2013-01-01T10:20:00.000Z", "2013-01-01T11:10:00.000Z"),
        (
            "2013-01-01T10:20:00Z",
            "2013-01-01T10:30:00.000Z",
            "2013-01-01T11:20:00.000Z",
        ),  # a start belongs, an end does not
        ("2013-01-01T10:19:59.999Z", "2013-01-01T10:20:00.000Z", "2013-01-01T11:10:00.000Z"),
        ("2013-01-01T23:55:00Z", "2013-01-02T00:00:00.000Z", "2013-01-02T00:50:00.000Z"),
    ],
)
def test_windows_of_an_instant(time: str, first_end: str, last_end: str) -> None:
    ends = [wire_time(end) for end in window_ends(instant(time))]
    assert (len(ends), ends[0], ends[-1]) == (6, first_end, last_end)


def test_departures_of_a_window() -> None:
    rows = airport_departure_delay(
        [
            departure("JFK", "10:17:00", 2),
            departure("LGA", "10:18:00", -3),
            departure("JFK", "10:30:00", 15),
            departure("JFK", "10:45:00", 14),
        ]
    )
    # JFK: ends 10:20 to 11:40; LGA: 10:20 to 11:10; none without a departure.
    assert [row["entity_key"] for row in rows].count("airport:JFK") == 9
    assert [row["entity_key"] for row in rows].count("airport:LGA") == 6
    assert at(rows, "airport:JFK", "10:30")["departures_1h"] == 1  # 10:30:00 is not in [09:30, 10:30)
    assert at(rows, "airport:JFK", "11:00") == {
        "departures_1h": 3,
        "mean_departure_delay_1h": pytest.approx(31 / 3),
        "max_departure_delay_1h": 15,
        "share_delayed_15min_1h": pytest.approx(1 / 3),
    }
    assert at(rows, "airport:JFK", "11:30") == {
        "departures_1h": 2,
        "mean_departure_delay_1h": 14.5,
        "max_departure_delay_1h": 15,
        "share_delayed_15min_1h": 0.5,
    }
    assert at(rows, "airport:LGA", "11:10") == {
        "departures_1h": 1,
        "mean_departure_delay_1h": -3.0,
        "max_departure_delay_1h": -3,
        "share_delayed_15min_1h": 0.0,
    }
    assert [(row["event_time"], row["entity_key"]) for row in rows] == sorted(
        (row["event_time"], row["entity_key"]) for row in rows
    )


def test_a_pause_gives_no_rows() -> None:
    rows = airport_departure_delay([departure("JFK", "01:00:00", 0), departure("JFK", "20:00:00", 0)])
    assert len(rows) == 12


def test_out_of_order_within_five_minutes_counts_and_later_is_refused() -> None:
    rows = airport_departure_delay([departure("JFK", "10:05:00", 0), departure("JFK", "10:00:00", 0)])
    assert at(rows, "airport:JFK", "11:00")["departures_1h"] == 2
    with pytest.raises(LateRowError):
        airport_departure_delay([departure("JFK", "10:05:00", 0), departure("JFK", "09:59:59", 0)])


def test_last_by_key() -> None:
    rows = airport_departure_delay([departure("JFK", "10:17:00", 2), departure("LGA", "10:58:00", 7)])
    last = last_by_key(reversed(rows))
    assert {key: row["event_time"] for key, row in last.items()} == {
        "airport:JFK": "2013-01-01T11:10:00.000Z",
        "airport:LGA": "2013-01-01T11:50:00.000Z",
    }


def test_great_circle() -> None:
    assert great_circle_km((0.0, 0.0), (0.0, 90.0)) == pytest.approx(QUARTER_KM, rel=1e-12)
    assert great_circle_km((0.0, 0.0), (90.0, 12.0)) == pytest.approx(QUARTER_KM, rel=1e-12)
    assert great_circle_km((0.0, 0.0), (0.0, 180.0)) == pytest.approx(2 * QUARTER_KM, rel=1e-12)
    assert great_circle_km((40.0, -73.0), (40.0, -73.0)) == 0.0
    # One degree of latitude, pi * 6371.0088 / 180 km, by day and across the date line.
    assert great_circle_km((0.0, 179.5), (0.0, -179.5)) == pytest.approx(111.19508, rel=1e-6)


def test_rotation_of_an_aircraft() -> None:
    (row,) = aircraft_rotation(
        [
            leg("N1", "AAA", "BBB", "01T23:59:00", 9),  # the day before
            leg("N1", "AAA", "POL", "02T20:00:00", None),  # the last one, though not the last in order
            leg("N1", "AAA", "BBB", "02T00:00:00", 5),
            leg("N1", "AAA", "XXX", "02T10:00:00", 7),  # an airport without coordinates: a leg without km
            leg(None, "AAA", "BBB", "02T21:00:00"),
            leg("N1", "POL", "AAA", None, None),  # never arrived
        ],
        AIRPORTS,
    )
    assert row == {
        "entity_key": "aircraft:N1",
        "event_time": "2013-01-02T20:00:00.000Z",
        "features": {
            "last_destination": "POL",
            "last_arrival_delay": None,
            "legs_today": 3,
            "km_today": pytest.approx(2 * QUARTER_KM, rel=1e-12),
        },
    }


def test_no_known_leg_today_gives_no_km() -> None:
    rows = aircraft_rotation(
        [
            leg("N2", "AAA", "BBB", "01T10:00:00"),
            leg("N2", "AAA", "XXX", "02T10:00:00", -4),
            leg("N1", "XXX", "AAA", "01T10:00:00"),
        ],
        AIRPORTS,
    )
    assert [row["entity_key"] for row in rows] == ["aircraft:N1", "aircraft:N2"]
    assert rows[1]["features"] == {
        "last_destination": "XXX",
        "last_arrival_delay": -4,
        "legs_today": 1,
        "km_today": None,
    }


def test_a_tie_counts_only_at_the_last_arrival() -> None:
    tie = [leg("N1", "AAA", "BBB", "01T10:00:00"), leg("N1", "BBB", "AAA", "01T10:00:00")]
    with pytest.raises(TieError):
        aircraft_rotation(tie, AIRPORTS)
    (row,) = aircraft_rotation([*tie, leg("N1", "AAA", "POL", "01T11:00:00")], AIRPORTS)
    assert row["features"]["legs_today"] == 3


@pytest.mark.parametrize(
    ("key", "expected"), [("N14228", "aircraft:N14228"), ("a:b%{\x7f\n}é", "aircraft:a%3Ab%25%7B%7F%0A%7Dé")]
)
def test_entity_key(key: str, expected: str) -> None:
    assert entity_key("aircraft", key) == expected
