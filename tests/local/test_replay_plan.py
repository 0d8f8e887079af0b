"""What a replay would read, from where and to where; and what it says where something isn't there."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from featuremill_codegen.errors import PipelineError
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local import runs
from featuremill_local.cache import SetupError
from featuremill_local.history import history_of, stream_of
from featuremill_local.partitions import Partitions, days_there, partitions_of
from featuremill_local.places import PIPELINES
from featuremill_local.replay_plan import Addresses, Options, described, find_addresses, find_sources, planned
from featuremill_local.runs import new_run
from rich.console import Console

BATCH = "carrier_daily_quality"
WITH_HISTORY = Path(__file__).parents[1] / "e2e" / "fixtures" / "pipelines_with_history"
NOWHERE = Addresses("redis:6379", None, None)


@pytest.fixture(autouse=True)
def own_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "RUNS", tmp_path / "runs")


@pytest.fixture
def feature_source(tmp_path: Path) -> Iterator[Path]:
    """Partitions of four days with a gap, of which run.py said how many rows they have; and what it leaves beside."""
    folder = tmp_path / "feature source"
    for day, rows in (("2013-05-29", 13), ("2013-05-30", 14), ("2013-05-31", 15), ("2013-06-02", 14)):
        partition = folder / BATCH / f"dt={day}"
        partition.mkdir(parents=True)
        (partition / "_featuremill.json").write_text(json.dumps({"rows": rows, "dead_letters": 0}))
    (folder / BATCH / "_writing" / "dt=2013-06-03").mkdir(parents=True)
    return folder


def sources(options: Options, console: Console | None = None, addresses: Addresses = NOWHERE) -> Partitions:
    said = console or Console(file=io.StringIO())
    (found,) = find_sources(load_pipeline(PIPELINES / BATCH), options, addresses, said)
    assert isinstance(found, Partitions)
    return found


def test_all_partitions_that_are_there(feature_source):
    said = io.StringIO()
    found = sources(Options(feature_source=feature_source), Console(file=said, width=200))
    assert [str(day) for day in found.days] == ["2013-05-29", "2013-05-30", "2013-05-31", "2013-06-02"]
    assert said.getvalue() == "no partition of 2013-06-01: left out\n"
    assert (found.written_as, found.ttl) == (BATCH, 30 * 86_400_000)
    assert described(found) == f"{BATCH} dt=2013-05-29 to 2013-06-02"
    assert planned(found) == f"56 rows of 4 partitions in {feature_source}"


def test_some_days(feature_source):
    found = sources(Options(first=date(2013, 5, 30), last=date(2013, 5, 31), feature_source=feature_source))
    assert (found.days, found.rows()) == ([date(2013, 5, 30), date(2013, 5, 31)], 29)
    assert sources(Options(first=date(2013, 6, 2), feature_source=feature_source)).days == [date(2013, 6, 2)]
    assert (
        described(sources(Options(last=date(2013, 5, 29), feature_source=feature_source))) == f"{BATCH} dt=2013-05-29"
    )


def test_a_partition_that_nobody_spoke_of_has_an_unknown_number_of_rows(feature_source):
    (feature_source / BATCH / "dt=2013-05-30" / "_featuremill.json").unlink()
    found = sources(Options(feature_source=feature_source))
    assert found.rows() is None
    assert planned(found).startswith("rows that nobody has counted of 4 partitions")


def test_days_that_are_not_there_are_answered_with_those_that_are(feature_source):
    days = Options(first=date(2013, 6, 1), last=date(2013, 6, 1), feature_source=feature_source)
    with pytest.raises(SetupError) as refused:
        sources(days)
    assert str(refused.value) == (
        f"there is no partition dt=2013-06-01 in {feature_source / BATCH}\n"
        "help: there are 2013-05-29, 2013-05-30, 2013-05-31, 2013-06-02"
    )


def test_no_partition_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr("featuremill_local.replay_plan.KEPT", tmp_path / "kept")
    with pytest.raises(
        SetupError, match=rf"no partition in {tmp_path}/kept/{BATCH}\nhelp: nox -s local-{BATCH} -- --from"
    ):
        sources(Options())


def test_the_partitions_of_the_run_that_is_held_up_come_first(feature_source, tmp_path, monkeypatch):
    monkeypatch.setattr("featuremill_local.replay_plan.KEPT", tmp_path / "kept")
    with new_run(BATCH) as run:
        run.describe(redis="127.0.0.1:2", feature_source=str(feature_source))
        addresses = find_addresses(load_pipeline(PIPELINES / BATCH), Options())
        assert (addresses.redis, addresses.kafka) == ("127.0.0.1:2", None)
        assert sources(Options(), addresses=addresses).feature_source == feature_source


def test_a_run_of_the_same_pipeline_is_meant(tmp_path):
    with new_run(BATCH) as own, new_run("another") as other, new_run("unready"):
        own.describe(redis="127.0.0.1:1")
        other.describe(redis="127.0.0.1:2")
        assert runs.find_run(None, BATCH) == runs.find_run(own.name)
        assert runs.find_run(own.name).redis == "127.0.0.1:1"
        assert runs.find_run(None, "third").redis == "127.0.0.1:2"
        addresses = find_addresses(load_pipeline(PIPELINES / BATCH), Options(run=other.name))
        assert addresses.redis == "127.0.0.1:2"


def test_a_run_that_is_not_held_up_is_answered_with_those_that_are():
    with new_run(BATCH) as up, new_run("unready") as unready:
        up.describe(redis="127.0.0.1:1")
        with pytest.raises(SetupError, match=f"no run {unready.name} is held up\nhelp: held up: {up.name}$"):
            find_addresses(load_pipeline(PIPELINES / BATCH), Options(run=unready.name))
    with pytest.raises(SetupError, match="no run gone is held up\nhelp: held up: none; nox -s local-<pipeline>"):
        runs.find_run("gone")


@pytest.mark.parametrize(
    ("pipeline", "options", "missing"),
    [
        (BATCH, Options(), "--redis"),
        ("airport_departure_delay", Options(kafka="k:1"), "--redis"),
        ("airport_departure_delay", Options(redis="r:1"), "--kafka"),
    ],
)
def test_nothing_is_up(pipeline, options, missing):
    with pytest.raises(
        SetupError, match=f"no run is held up, so there is nothing to load\nhelp: .* {missing} HOST:PORT"
    ):
        find_addresses(load_pipeline(PIPELINES / pipeline), options)


def test_a_batch_for_another_redis_has_no_kafka_unless_it_is_named():
    found = find_addresses(load_pipeline(PIPELINES / BATCH), Options(redis="r:1"))
    assert (found.redis, found.kafka, found.run) == ("r:1", None, None)


def test_a_history_is_its_streams(tmp_path):
    batch, stream = (load_pipeline(WITH_HISTORY / name) for name in ("customer_orders_history", "customer_orders"))
    assert history_of(stream).name == batch.name
    assert stream_of(batch).name == stream.name
    assert (history_of(batch), stream_of(stream), stream_of(load_pipeline(PIPELINES / BATCH))) == (None, None, None)
    found = partitions_of(batch, stream, tmp_path, [date(2024, 2, 29)])
    assert (found.written_as, found.ttl) == ("customer_orders", 60 * 86_400_000)
    assert found.arguments()[-2:] == ["--written-as", "customer_orders"]
    assert planned(found).endswith("written as customer_orders")


@pytest.mark.parametrize(
    ("options", "read"),
    [
        (Options(), ["customer_orders_history dt=2024-02-29", "features.customer_orders"]),
        (Options(last=date(2024, 3, 1)), ["customer_orders_history dt=2024-02-29", "features.customer_orders"]),
        (Options(first=date(2024, 3, 1)), ["features.customer_orders"]),
        (Options(without_history=True), ["features.customer_orders"]),
    ],
)
def test_a_history_comes_before_the_topic_unless_its_days_are_not_asked_for(options, read, tmp_path, monkeypatch):
    (tmp_path / "customer_orders_history" / "dt=2024-02-29").mkdir(parents=True)
    monkeypatch.setattr("featuremill_local.replay_plan.KEPT", tmp_path)
    monkeypatch.setattr("featuremill_local.replay_plan.offsets", lambda *_: {0: (0, 4)})
    stream, said = load_pipeline(WITH_HISTORY / "customer_orders"), io.StringIO()
    addresses = Addresses("redis:6379", "kafka:9092", None)
    found = find_sources(stream, options, addresses, Console(file=said, width=200))
    assert [described(each) for each in found] == read
    assert ("has none of these days: left out" in said.getvalue()) == (options.first is not None)


def test_a_history_without_partitions_must_be_left_out_on_purpose(tmp_path, monkeypatch):
    monkeypatch.setattr("featuremill_local.replay_plan.KEPT", tmp_path)
    monkeypatch.setattr("featuremill_local.replay_plan.offsets", lambda *_: {0: (0, 4)})
    stream = load_pipeline(WITH_HISTORY / "customer_orders")
    with pytest.raises(SetupError, match=r"there is no partition in .*customer_orders_history\n.*--without-history"):
        find_sources(stream, Options(), Addresses("redis:6379", "kafka:9092", None), Console(file=io.StringIO()))


@pytest.mark.parametrize("named", ["customer_order_history", "customer_orders"])
def test_a_history_that_is_not_there_is_said_at_its_place(named, tmp_path):
    root = Path(shutil.copytree(WITH_HISTORY, tmp_path / "pipelines"))
    config = root / "customer_orders" / "feature.yaml"
    config.write_text(config.read_text().replace("customer_orders_history", named))
    with pytest.raises(PipelineError, match=r"customer_orders/feature.yaml:10:17: FM105 `bootstrap_from` names"):
        history_of(load_pipeline(root / "customer_orders"))


def test_a_folder_named_after_no_day_is_no_partition(tmp_path):
    for name in ("dt=2013-06-02", "dt=2013-06-01", "dt=2013-06-31", "dt=20130603", "_dead_letters"):
        (tmp_path / "history" / name).mkdir(parents=True)
    assert days_there(tmp_path, "history") == [date(2013, 6, 1), date(2013, 6, 2)]
