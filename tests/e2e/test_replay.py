"""Redis loaded again from a topic, beside the job that always runs, and from partitions: nothing goes back."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
from confluent_kafka import Producer
from featuremill_local.environments import process_environment, python
from featuremill_local.topics import dead_letters, feature_rows
from local_runs import ROOT, KeptRun, kept, read_until, replay, start, start_replay
from waiting import wait_until

pytestmark = pytest.mark.jvm

NAME = "airport_departure_delay"
TOPIC = f"features.{NAME}"
STAMP = f"@{NAME}"
WRITE_PARTITION = ROOT / "tests" / "sinks" / "fixtures" / "write_partition.py"
DAY_MS = 86_400_000
JAN_2, JAN_3 = 1_357_084_800_000, 1_357_171_200_000
NEWER = {
    "entity_key": "airport:JFK",
    "event_time": "2013-01-05T00:00:00Z",
    "features": {"departures_1h": "99", "mean_departure_delay_1h": None},
}
NEWER_MS = 1_357_344_000_000


@pytest.fixture(scope="module")
def held() -> Iterator[KeptRun]:
    with kept(start(NAME, "--keep")) as (run,):
        yield run


@pytest.fixture(scope="module")
def client(held: KeptRun) -> redis.Redis:
    return redis.Redis(port=int(held.redis.rpartition(":")[2]), decode_responses=True)


def airports(client: redis.Redis) -> dict[str, dict[str, str]]:
    return {key: client.hgetall(key) for key in client.keys("airport:*")}


def event_times(client: redis.Redis) -> dict[str, int]:
    return {key: int(values[STAMP].split("-")[0]) for key, values in airports(client).items()}


def produce(held: KeptRun, *values: bytes | None, ttl: bytes = b"604800000") -> None:
    """Rows behind those of the run, in the partition of JFK."""
    partition = next(row.partition for row in feature_rows(held.kafka, TOPIC) if row.entity_key == "airport:JFK")
    producer = Producer({"bootstrap.servers": held.kafka, "log_level": 0})
    for value in values:
        producer.produce(TOPIC, value, headers={"ttl_ms": ttl}, partition=partition)
    producer.flush()


def report_of(path: Path) -> dict[str, Any]:
    (loaded,) = json.loads(path.read_text())["loaded"]
    return loaded


def test_older_rows_over_newer_values_change_nothing_unless_nothing_guards_them(held, client, tmp_path):
    before = airports(client)
    first_day = ("--dt", "2013-01-02", "--report", str(tmp_path / "report.json"))
    ended = replay(held, NAME, *first_day)
    assert ended.returncode == 0, ended.stdout
    assert airports(client) == before
    report = report_of(tmp_path / "report.json")
    rows = [row.event_time.timestamp() * 1000 for row in feature_rows(held.kafka, TOPIC)]
    of_the_day = sum(JAN_2 <= time < JAN_3 for time in rows)
    assert 0 < of_the_day < len(rows)
    assert (report["rows"], report["left_out"]) == (of_the_day, len(rows) - of_the_day)
    assert (report["written"], report["guarded"], report["missing"]) == (0, of_the_day, 0)
    assert f"verified: {of_the_day} rows read = 0 written + 0 rejected + {of_the_day} guarded" in ended.stdout

    control = replay(held, NAME, *first_day, "--sink-option", "write.guard=none")
    assert control.returncode == 0, control.stdout
    times = event_times(client)
    assert all(JAN_2 <= time < JAN_3 for time in times.values()), "without the guard the values go back"
    assert report_of(tmp_path / "report.json")["written"] == len(times)


def test_an_emptied_redis_is_as_it_was_and_a_live_row_stays(held, client, tmp_path):
    # what the values went back from in the test before is written again, and it may stand in any order
    ended = replay(held, NAME, "--redis", held.redis, "--kafka", held.kafka)
    assert ended.returncode == 0, ended.stdout
    before = airports(client)
    assert len(before) == 3

    client.flushall()
    report_path = tmp_path / "report.json"
    popen = start_replay(held, NAME, "--report", str(report_path))
    said = read_until(popen, "connector: ready")  # which rows it reads is settled
    produce(held, json.dumps(NEWER).encode())
    wait_until(lambda: client.hget("airport:JFK", "departures_1h") == "99", "the live row", 60)
    assert "ingestion job" not in said
    rest, _ = popen.communicate(timeout=600)
    assert popen.returncode == 0, said + rest

    after = airports(client)
    assert after.keys() == before.keys()
    assert after.pop("airport:JFK")[STAMP].startswith(f"{NEWER_MS}-")
    assert client.hget("airport:JFK", "departures_1h") == "99"
    before.pop("airport:JFK")
    assert after == before
    assert all(6 * DAY_MS < client.pttl(key) <= 7 * DAY_MS for key in [*after, "airport:JFK"])
    report = report_of(report_path)
    assert report["rows"] == len(feature_rows(held.kafka, TOPIC)) - 1 == report["written"] + report["guarded"]
    assert report["compared"] == len(after)
    assert "readers know nothing of the pipelines" in rest


def test_bad_rows_are_dead_letters_and_counted(held, client, tmp_path):
    """Each of them is a dead letter of the live job's, too; those don't count."""
    good = NEWER | {"event_time": "2013-01-06T00:00:00Z"}
    bad = [b"\xff\xfe garbage", None, b"{", *(json.dumps(good | {name: None}).encode() for name in good)]
    produce(held, *bad)
    produce(held, json.dumps(good).encode(), ttl=b"soon")
    client.set("airport:occupied", "by no hash")
    produce(held, json.dumps(good | {"entity_key": "airport:occupied"}).encode(), json.dumps(good).encode())
    earlier = len(bad) + 2
    wait_until(lambda: len(dead_letters(held.kafka)) >= earlier, "the live job's dead letters", 60)

    ended = replay(held, NAME, "--from", "2013-01-06", "--report", str(tmp_path / "report.json"))
    assert ended.returncode == 0, ended.stdout
    report = report_of(tmp_path / "report.json")
    of_live, of_replay = dead_letters(held.kafka)[:earlier], dead_letters(held.kafka)[earlier:]
    reasons = Counter(letter["reason"] for letter in of_replay)
    assert report["rejected"] == dict(reasons)
    assert reasons == Counter(letter["reason"] for letter in of_live)
    assert reasons["null-key"] == reasons["null-event-time"] == reasons["bad-features"] == reasons["bad-ttl"] == 1
    assert sum(report["rejected"].values()) == earlier
    assert (report["written"], report["guarded"], report["missing"]) == (1, 0, 0)
    client.delete("airport:occupied")


BATCH = "carrier_daily_quality"
PARTITIONS: dict[str, list[tuple[str | None, int, dict[str, str | None]]]] = {
    "2013-01-01": [("carrier:UA", JAN_2, {"flights_7d": "10"}), ("carrier:AA", JAN_2, {"flights_7d": "5"})],
    "2013-01-02": [("carrier:UA", JAN_3, {"flights_7d": "11", "mean_arrival_delay_7d": None})],
    "2013-01-04": [(None, JAN_3, {"flights_7d": "12"})],
}


def test_partitions_of_a_batch(held, client, tmp_path):
    """Into the run of another pipeline."""
    for day, rows in PARTITIONS.items():
        (tmp_path / BATCH / f"dt={day}").mkdir(parents=True)
        subprocess.run(
            [python("job"), WRITE_PARTITION, tmp_path / BATCH / f"dt={day}" / "part-0.parquet"],
            input=json.dumps(rows),
            env=process_environment("job"),
            text=True,
            check=True,
        )
    report_path = tmp_path / "report.json"
    common = ("--feature-source", str(tmp_path), "--report", str(report_path))
    letters = len(dead_letters(held.kafka))
    ended = replay(held, BATCH, *common)
    assert ended.returncode == 0, ended.stdout
    assert "no partition of 2013-01-03: left out" in ended.stdout
    loaded = {
        "carrier:UA": {"flights_7d": "11", f"@{BATCH}": f"{JAN_3}-0"},
        "carrier:AA": {"flights_7d": "5", f"@{BATCH}": f"{JAN_2}-0"},
    }
    assert {key: client.hgetall(key) for key in client.keys("carrier:*")} == loaded
    assert all(29 * DAY_MS < client.pttl(key) <= 30 * DAY_MS for key in loaded)
    report = report_of(report_path)
    assert list(report["partitions"]) == list(PARTITIONS)
    assert (report["rows"], report["written"], report["guarded"]) == (4, 2, 1)
    assert (report["rejected"], report["missing"], report["different"]) == ({"null-key": 1}, 0, [])
    (letter,) = dead_letters(held.kafka)[letters:]
    assert (letter["pipeline"], letter["reason"]) == (BATCH, "null-key")

    # by a Redis that is named, with no Kafka: an older day changes nothing, and a bad row refuses its partition
    named = (*common, "--redis", held.redis)
    older = replay(held, BATCH, *named, "--dt", "2013-01-01")
    assert older.returncode == 0, older.stdout
    assert {key: client.hgetall(key) for key in client.keys("carrier:*")} == loaded
    assert (report_of(report_path)["written"], report_of(report_path)["guarded"]) == (1, 1)
    refused = replay(held, BATCH, *named, "--dt", "2013-01-04")
    assert refused.returncode == 1
    assert "can't be written (null-key 1), so nothing was" in refused.stdout
    assert len(dead_letters(held.kafka)) == letters + 1


def test_what_is_not_there_is_said(held):
    refused = replay(held, "aircraft_rotation")
    assert refused.returncode == 2
    assert f"error: Kafka at {held.kafka} has no topic features.aircraft_rotation" in refused.stdout
    assert "Traceback" not in refused.stdout
    refused = replay(held, NAME, "--redis", "127.0.0.1:1")
    assert refused.returncode == 2
    assert "error: Redis at 127.0.0.1:1 does not answer" in refused.stdout
    refused = replay(held, NAME, "--kafka", "127.0.0.1:1")
    assert refused.returncode == 2
    assert "error: Kafka at 127.0.0.1:1 does not answer" in refused.stdout


def test_a_run_that_is_not_held_up_is_answered_with_those_that_are(held):
    unknown = replace(held, run="yesterday")
    refused = replay(unknown, NAME)
    assert refused.returncode == 2
    assert "error: no run yesterday is held up\nhelp: held up: " in refused.stdout
    assert held.run in refused.stdout


def test_a_dry_run_says_what_it_would_read(held):
    said = replay(held, NAME, "--dry-run", "--to", "2013-01-02")
    assert said.returncode == 0, said.stdout
    assert said.stdout.startswith(f"{TOPIC}: ")
    assert "partition 0 offsets 0 to " in said.stdout
    assert "with an event time before 2013-01-03 00:00:00+00:00" in said.stdout
