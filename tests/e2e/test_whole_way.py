"""Both examples and a pipeline of broken rows, the whole way, with every value compared.

Two runs are up at once on one machine: they must not meet.
"""

from __future__ import annotations

import base64
import json
import math
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import grpc
import httpx
import independent
import pytest
import redis
from confluent_kafka import Producer
from featuremill_local.serving_process import Serving
from featuremill_local.topics import dead_letters, feature_rows
from local_runs import BEHIND_A_PROXY, FIXTURES, ROOT, KeptRun, download_everything, kept, start
from waiting import wait_until

pytestmark = pytest.mark.jvm

SAMPLES = ROOT / "pipelines"
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def two_runs() -> Iterator[list[KeptRun]]:
    download_everything()
    with kept(
        start("airport_departure_delay", "--keep", **BEHIND_A_PROXY), start("bad_rows", "--keep", pipelines=FIXTURES)
    ) as runs:
        yield runs


@pytest.fixture(scope="module")
def airport(two_runs: list[KeptRun]) -> KeptRun:
    return two_runs[0]


@pytest.fixture(scope="module")
def bad_rows(two_runs: list[KeptRun]) -> KeptRun:
    return two_runs[1]


@pytest.fixture(scope="module")
def aircraft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptRun]:
    """The pipeline and its sample as they are, and one arrival more: of an aircraft without a tail number."""
    pipelines = tmp_path_factory.mktemp("pipelines")
    shutil.copytree(SAMPLES / "aircraft_rotation", pipelines / "aircraft_rotation")
    with (pipelines / "aircraft_rotation" / "sample" / "flights.jsonl").open("a") as flights:
        flights.write(
            '{"flight": "XX1", "tail_number": null, "origin": "JFK", "destination": "LAX",'
            ' "arrival_time": "2013-01-03T12:00:00Z", "arrival_delay": 1}\n'
        )
    with kept(start("aircraft_rotation", "--keep", "--rows", "3", pipelines=pipelines)) as (run,):
        yield run


def redis_of(run: KeptRun) -> redis.Redis:
    return redis.Redis(port=int(run.redis.rpartition(":")[2]), decode_responses=True)


def restarts_of(run: KeptRun, pipeline: str) -> int:
    """How often Flink has restarted the pipeline's job."""
    jobs = httpx.get(f"{run.flink}/jobs/overview").raise_for_status().json()["jobs"]
    (job,) = [each["jid"] for each in jobs if each["name"].startswith(f"{pipeline}@")]
    metrics = httpx.get(f"{run.flink}/jobs/{job}/metrics?get=numRestarts").raise_for_status().json()
    return int(metrics[0]["value"]) if metrics else 0


def ask(run: KeptRun, entities: list[str], features: list[str]) -> Any:
    serving = Serving.__new__(Serving)
    serving.address = run.serving
    return serving.ask(entities, features)


def same(text: str | None, value: object) -> bool:
    """Compared as values of their type, never as text; doubles within 1e-9."""
    if text is None or value is None:
        return text is None and value is None
    if isinstance(value, float):
        return math.isclose(float(text), value, rel_tol=1e-9)
    return type(value)(text) == value


def differences(expected: dict[str, dict[str, Any]], found: dict[str, dict[str, str | None]]) -> list[str]:
    """`key feature: expected, found` for every value that differs; keys that only one side has, too."""
    different = [f"{key} is on one side only" for key in expected.keys() ^ found.keys()]
    for key in expected.keys() & found.keys():
        names = expected[key].keys() | found[key].keys()
        for name in names:
            if not same(found[key].get(name), expected[key].get(name)):
                different.append(f"{key} {name}: {expected[key].get(name)!r}, {found[key].get(name)!r}")
    return different


def in_redis(run: KeptRun, entity: str) -> dict[str, dict[str, str | None]]:
    """Entity key -> its features, without the field that marks the last write."""
    client = redis_of(run)
    return {
        key: {name: value for name, value in client.hgetall(key).items() if not name.startswith("@")}
        for key in client.keys(f"{entity}:*")
    }


def expected_airports() -> list[dict[str, Any]]:
    rows = independent.read_rows(SAMPLES / "airport_departure_delay" / "sample" / "departures.jsonl")
    return independent.airport_departure_delay(rows)


def expected_aircraft() -> dict[str, dict[str, Any]]:
    sample = SAMPLES / "aircraft_rotation" / "sample"
    rows = independent.aircraft_rotation(
        independent.read_rows(sample / "flights.jsonl"), independent.read_rows(sample / "airports.jsonl")
    )
    return {row["entity_key"]: row for row in rows}


def without_nulls(features: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in features.items() if value is not None}


def test_every_window_of_every_airport_is_a_row_of_the_feature_source(airport):
    expected = {
        f"{row['entity_key']} {datetime.fromisoformat(row['event_time'])}": row["features"]
        for row in expected_airports()
    }
    rows = feature_rows(airport.kafka, "features.airport_departure_delay")
    found = {f"{row.entity_key} {row.event_time}": row.features for row in rows}
    assert differences(expected, found) == []
    # at least once: a job that was restarted may have written a row again, and no other
    assert len(rows) == len(found) or restarts_of(airport, "airport_departure_delay") > 0


def test_every_feature_of_every_airport_is_in_redis(airport):
    last = independent.last_by_key(expected_airports())
    expected = {key: row["features"] for key, row in last.items()}
    assert differences(expected, in_redis(airport, "airport")) == []


def test_airports_expire_after_the_pipelines_time_to_live(airport):
    client = redis_of(airport)
    for key in client.keys("airport:*"):
        assert 6 * DAY_MS < client.pttl(key) <= 7 * DAY_MS


def test_the_service_answers_every_airport(airport):
    last = independent.last_by_key(expected_airports())
    names = ["share_delayed_15min_1h", "departures_1h"]
    for answer in ask(airport, sorted(last), names):
        row = last[answer.entity]
        assert [same(value, row["features"][name]) for name, value in zip(names, answer.values, strict=True)] == [
            True
        ] * 2
        event_time_ms = round(datetime.fromisoformat(row["event_time"]).timestamp() * 1000)
        assert answer.event_times_ms == [event_time_ms] * 2
        newest = max(independent.last_by_key(expected_airports()).values(), key=lambda each: each["event_time"])
        fresh = datetime.fromisoformat(newest["event_time"]).timestamp() * 1000 - event_time_ms <= 2 * 3600 * 1000
        assert answer.statuses == ["PRESENT" if fresh else "STALE"] * 2


def test_the_run_prints_the_table_and_the_counts(airport):
    for said in ("airport:JFK", "airport:LGA", "airport:EWR", "mean_departure_delay_1h", "STALE", "PRESENT"):
        assert said in airport.output
    assert "2,677 rows in, 1,032 feature rows of 3 entities, no dead letters" in airport.output


def test_two_runs_share_no_address(airport, bad_rows):
    addresses = [address for run in (airport, bad_rows) for address in (run.kafka, run.redis, run.flink, run.serving)]
    assert len(set(addresses)) == 8


def test_every_feature_of_every_aircraft_is_in_redis(aircraft):
    expected = {key: without_nulls(row["features"]) for key, row in expected_aircraft().items()}
    assert len(expected) == 1347
    assert differences(expected, in_redis(aircraft, "aircraft")) == []


def test_the_service_tells_when_an_aircraft_landed(aircraft):
    expected = expected_aircraft()
    for answer in ask(aircraft, sorted(expected), ["last_destination"]):
        landed = datetime.fromisoformat(expected[answer.entity]["event_time"])
        assert answer.event_times_ms == [round(landed.timestamp() * 1000)]
        assert answer.values == [expected[answer.entity]["features"]["last_destination"]]


def test_an_arrival_without_a_tail_number_is_a_dead_letter(aircraft):
    letters = dead_letters(aircraft.kafka)
    assert kinds(letters).keys() == {("query", "null-key")}
    row = json.loads(base64.b64decode(letters[0]["value_base64"]))
    assert (row["aircraft"], row["last_destination"]) == (None, "LAX")


def test_rows_show_only_as_many_entities_as_asked_for(aircraft):
    assert aircraft.output.count("aircraft:") == 3
    assert "... and 1,344 more" in aircraft.output


# --- Bad rows: each kind goes to the dead letters, and the others arrive ---


def kinds(letters: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    return Counter((letter["stage"], letter["reason"]) for letter in letters)


def test_the_good_rows_among_bad_ones_arrive(bad_rows):
    assert in_redis(bad_rows, "sensor") | {} == {
        "sensor:good": {"last_reading": "1", "checked_reading": "1"},
        "sensor:raises": {"last_reading": "13"},
        "sensor:a%3Ab%25%7Bc%7D": {"last_reading": "5", "checked_reading": "5"},
        "sensor:last": {"last_reading": "6", "checked_reading": "6"},
    }


def test_rows_that_the_source_or_the_query_can_not_use_are_dead_letters(bad_rows):
    letters = [letter for letter in dead_letters(bad_rows.kafka) if letter["stage"] in ("source", "query")]
    assert kinds(letters) == {
        ("source", "unreadable"): 2,  # not JSON; a text for a number
        ("query", "null-key"): 2,  # null and empty
        ("query", "null-event-time"): 1,
    }
    assert {letter["pipeline"] for letter in letters} == {"bad_rows"}
    unreadable = [letter for letter in letters if letter["reason"] == "unreadable"]
    assert base64.b64decode(unreadable[0]["value_base64"]) == b"this is not JSON"
    assert unreadable[0]["origin"]["table"] == "readings"
    assert "5 dead letters (query/null-event-time 1, query/null-key 2, source/unreadable 2)" in bad_rows.output


def test_rows_that_ingestion_or_redis_can_not_take_are_dead_letters(bad_rows):
    redis_of(bad_rows).set("sensor:occupied", "by a string")
    producer = Producer({"bootstrap.servers": bad_rows.kafka, "log_level": 0})
    good = {"entity_key": "sensor:later", "event_time": "2020-01-02T00:00:00Z", "features": {"last_reading": "7"}}
    headers = {"ttl_ms": b"864000000"}
    for value, header in (
        (b"\xff\xfe garbage", headers),
        (json.dumps(good | {"entity_key": None}).encode(), headers),
        (json.dumps(good | {"event_time": None}).encode(), headers),
        (json.dumps(good | {"features": None}).encode(), headers),
        (json.dumps(good).encode(), {"ttl_ms": b"soon"}),
        (json.dumps(good | {"entity_key": "sensor:occupied"}).encode(), headers),
        (json.dumps(good).encode(), headers),
    ):
        producer.produce("features.bad_rows", value, headers=header, partition=0)
    producer.flush()
    wait_until(
        lambda: redis_of(bad_rows).hget("sensor:later", "last_reading") == "7", "the good row behind bad ones", 60
    )

    def later() -> list[dict[str, Any]]:
        return [letter for letter in dead_letters(bad_rows.kafka) if letter["stage"] in ("feature-source", "redis")]

    wait_until(lambda: len(later()) >= 6, "six dead letters", 60)
    assert kinds(later()) == {
        ("feature-source", "unreadable"): 1,
        ("feature-source", "null-key"): 1,
        ("feature-source", "null-event-time"): 1,
        ("feature-source", "bad-features"): 1,
        ("feature-source", "bad-ttl"): 1,
        ("redis", "wrong-type"): 1,
    }
    (refused,) = (letter for letter in later() if letter["stage"] == "redis")
    assert json.loads(base64.b64decode(refused["value_base64"]))["entity_key"] == "sensor:occupied"
    redis_of(bad_rows).delete("sensor:later", "sensor:occupied")


def test_an_older_row_never_takes_the_place_of_a_newer_one(bad_rows):
    producer = Producer({"bootstrap.servers": bad_rows.kafka, "log_level": 0})
    newer = {"entity_key": "sensor:order", "event_time": "2020-01-03T00:00:00Z", "features": {"last_reading": "new"}}
    older = newer | {"event_time": "2020-01-02T00:00:00Z", "features": {"last_reading": "old"}}
    fence = newer | {"entity_key": "sensor:fence"}
    for row in (newer, older, fence):
        producer.produce("features.bad_rows", json.dumps(row).encode(), partition=0)
        producer.flush()
    wait_until(lambda: redis_of(bad_rows).exists("sensor:fence"), "the row behind the older one", 60)
    assert redis_of(bad_rows).hget("sensor:order", "last_reading") == "new"
    redis_of(bad_rows).delete("sensor:order", "sensor:fence")


def test_the_service_is_a_real_one(airport):
    with grpc.insecure_channel(airport.serving) as channel:
        grpc.channel_ready_future(channel).result(timeout=10)
