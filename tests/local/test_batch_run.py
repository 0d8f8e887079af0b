"""What of a batch is run, and what is said of it."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.batch_compute import Computed, bar
from featuremill_local.batch_data import days_in, table_folders
from featuremill_local.batch_run import (
    BatchOptions,
    as_json,
    days_text,
    letters_file,
    report_batch,
    task_of,
    write_letters,
)
from featuremill_local.batch_way import BatchOutcome, end_of
from featuremill_local.cache import SetupError
from featuremill_local.ingestion_check import Check, PartitionRow
from featuremill_local.places import PIPELINES, REPOSITORY
from featuremill_local.spark import FunctionErrors, PartitionWritten, gaps_in, partitions_in
from featuremill_local.way import last_by_key
from rich.console import Console

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


GOOD = {"rows": 14, "written": 14, "guarded": 0, "rejected": {}, "missing": 0, "compared": 14, "different": []}
LETTER = {
    "pipeline": NAME,
    "stage": "query",
    "reason": "null-key",
    "message": "null or empty key: airport",
    "origin": None,
    "value_base64": "e30=",
    "at": "2013-06-02T03:00:00.000Z",
}


def outcome(letters: int = 0, errors: dict[str, FunctionErrors] | None = None) -> BatchOutcome:
    partitions = {date(2013, 6, 1): PartitionWritten(14, letters, 3.2, errors or {})}
    return BatchOutcome(
        "v", Computed(partitions, {}), Check(GOOD, [], []), [LETTER] * letters, [], datetime(2013, 6, 2, tzinfo=UTC)
    )


def reported(outcome: BatchOutcome, letters: Path, capsys: pytest.CaptureFixture[str]) -> str:
    report_batch(load_pipeline(PIPELINES / NAME), outcome, letters, 10, Console(width=200, soft_wrap=True))
    return capsys.readouterr().out


def test_bad_rows_are_shown_with_their_reasons_and_all_are_in_a_file(tmp_path, capsys):
    file = letters_file(NAME, tmp_path / "reports" / "report.json")
    assert file == tmp_path / "reports" / "report.dead-letters.jsonl"
    assert letters_file(NAME, None) == REPOSITORY / ".featuremill" / "dead-letters" / f"{NAME}.jsonl"
    said = reported(outcome(letters=7), write_letters([LETTER] * 7, file), capsys)
    assert said.count("query/null-key  airport_weather_daily") == 5
    assert "null or empty key: airport" in said
    assert "... and 2 earlier ones (they are in the file)" in said
    assert f"each of them, with its reason and its row: {file}" in said
    assert [json.loads(line) for line in file.read_text().splitlines()] == [LETTER] * 7
    write_letters([], file)
    assert not file.exists(), "an older run's are not taken for this one's"
    assert "each of them" not in reported(outcome(), file, capsys)


def test_functions_that_raised_are_shown_though_the_run_succeeds(tmp_path, capsys):
    raised = outcome(errors={"wind": FunctionErrors(1200, ("wind('x'): ValueError: no", "wind(-1): ValueError: no"))})
    said = reported(raised, tmp_path / "none", capsys)
    assert "wind raised 1,200 times on 2013-06-01, and those values are NULL:\n  wind('x'): ValueError: no\n" in said
    partitions = as_json(load_pipeline(PIPELINES / NAME), raised)["partitions"]
    assert partitions["2013-06-01"]["function_errors"] == {
        "wind": {"count": 1200, "examples": ("wind('x'): ValueError: no", "wind(-1): ValueError: no")}
    }
