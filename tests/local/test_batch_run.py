"""What of a batch is run, and what is said of it."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.batch_compute import bar
from featuremill_local.batch_data import days_in, table_folders
from featuremill_local.batch_run import BatchOptions, days_text, task_of
from featuremill_local.batch_way import end_of
from featuremill_local.cache import SetupError
from featuremill_local.ingestion_check import PartitionRow
from featuremill_local.places import PIPELINES
from featuremill_local.spark import PartitionWritten, gaps_in, partitions_in
from featuremill_local.way import last_by_key

NAME = "airport_weather_daily"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PIPELINES / NAME, tmp_path / NAME))


def test_the_last_day_of_which_every_table_has_a_partition_is_run(folder, tmp_path):
    shutil.rmtree(folder / "sample" / "weather" / "dt=2013-06-01")
    (folder / "sample" / "weather" / "dt=tomorrow").mkdir()
    pipeline = load_pipeline(folder)
    folders = table_folders(pipeline, None)
    assert folders == {name: folder / "sample" / name for name in ("airport_flights", "weather")}
    assert days_in(pipeline, folders) == [date(2013, 5, 30), date(2013, 5, 31)]
    task = task_of(pipeline, BatchOptions(), tmp_path)
    assert (task.days, task.feature_source, task.skip_done) == ([date(2013, 5, 31)], tmp_path / "feature_source", False)


def test_a_day_or_several_that_are_named(folder, tmp_path):
    pipeline = load_pipeline(folder)
    assert task_of(pipeline, BatchOptions(date(2013, 5, 30)), tmp_path).days == [date(2013, 5, 30)]
    several = BatchOptions(first=date(2013, 5, 30), last=date(2013, 6, 1), feature_source=tmp_path / "kept")
    task = task_of(pipeline, several, tmp_path)
    assert len(task.days) == 3
    assert (task.feature_source, task.skip_done) == (tmp_path / "kept", True)
    assert days_text(task.days) == "3 days from 2013-05-30"


def test_a_table_without_data_is_named(folder, tmp_path):
    shutil.rmtree(folder / "sample" / "weather")
    with pytest.raises(SetupError, match=r"sample/weather is missing: .* rows of the table weather"):
        task_of(load_pipeline(folder), BatchOptions(), tmp_path)
    with pytest.raises(SetupError, match=r"elsewhere/airport_flights is missing"):
        task_of(load_pipeline(folder), BatchOptions(data=tmp_path / "elsewhere"), tmp_path)


def test_without_a_partition_the_day_must_be_named(folder, tmp_path):
    for table in ("airport_flights", "weather"):
        shutil.rmtree(folder / "sample" / table)
        (folder / "sample" / table).mkdir()
    with pytest.raises(SetupError, match="name the day, -- --dt"):
        task_of(load_pipeline(folder), BatchOptions(), tmp_path)


def test_what_spark_says_of_its_days():
    said = (
        "26/11/23 WARN partition 2013-06-03 written: rows 1, dead letters 0, 1.0 s\n"
        "partition 2013-06-02 is there: rows 15, dead letters 2\n"
        "partition 2013-06-01 written: rows 14, dead letters 0, 3.2 s\n"
    )
    assert partitions_in(said) == {
        date(2013, 6, 1): PartitionWritten(14, 0, 3.2),
        date(2013, 6, 2): PartitionWritten(15, 2, None),
    }


def test_what_spark_says_of_days_that_are_not_there():
    said = (
        "carrier_days: dt=2013-06-01: the query looks back at days of which the table flights has no partition: x\n"
        "carrier_days: dt=2013-06-02: stand raised 2 times\n"
    )
    what = "the query looks back at days of which the table flights has no partition: x"
    assert gaps_in(said) == {date(2013, 6, 1): what}


def test_how_far_it_is():
    assert bar(0, 365) == "░" * 20 + " 0 of 365 days"
    assert bar(90, 365) == "█" * 4 + "░" * 16 + " 90 of 365 days"
    assert bar(2, 2) == "█" * 20 + " 2 of 2 days"


def test_the_newest_row_of_a_key_is_the_last():
    rows = [PartitionRow("a", datetime(2013, 6, day, tzinfo=UTC), {"n": str(day)}) for day in (2, 3, 1)]
    assert last_by_key(rows)["a"].features == {"n": "3"}
    assert end_of(date(2013, 12, 31)) == datetime(2014, 1, 1, tzinfo=UTC)
