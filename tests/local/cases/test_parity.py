"""Which cases go through a batch and its twin on the stream, and what of their answers is compared."""

from __future__ import annotations

import shutil

import pytest
from featuremill_codegen.errors import PipelineError, UsageError
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.cache import SetupError
from featuremill_local.cases.command import Options, run_cases
from featuremill_local.cases.outcome import Outcome
from featuremill_local.cases.parity import case_of, twins_of
from featuremill_local.cases.reading import read_cases
from featuremill_local.cases.wire import FeatureRow
from featuremill_local.local_run import Options as RunOptions
from featuremill_local.local_run import run_pipeline
from featuremill_local.places import PIPELINES
from rich.console import Console

BATCH, STREAM = "carrier_daily_quality", "carrier_daily_quality_stream"


@pytest.fixture
def folder(tmp_path):
    for name in (BATCH, STREAM):
        shutil.copytree(PIPELINES / name, tmp_path / name, ignore=shutil.ignore_patterns("sample"))
    return tmp_path


@pytest.fixture
def twins(folder):
    (found,) = twins_of([load_pipeline(folder / BATCH)], folder)
    return found


def row(key: str, at: str, **features: str) -> FeatureRow:
    return FeatureRow(f"carrier:{key}", at, features)


def test_a_stream_and_a_batch_are_twins_whichever_is_asked_for(folder, twins):
    (again,) = twins_of([load_pipeline(folder / STREAM)], folder)
    for each in (twins, again):
        assert (each.pipeline.name, each.twin.name, each.on_two_engines) == (STREAM, BATCH, True)
        assert len(each.compared) == 8
        assert each.alone == ()


def test_a_case_goes_through_both_where_it_says_a_day(folder, twins):
    for owner, expected in (
        (BATCH, {"a_day_without_flights": True, "cancelled_and_nulls": True, "edges_of_the_windows": True}),
        (STREAM, {"late_flight": False, "three_weeks": True}),
    ):
        cases = read_cases(load_pipeline(folder / owner))
        assert {case.name: twins.takes(case) for case in cases} == expected


def test_what_the_stream_says_of_other_days_is_not_compared(folder, twins):
    (case,) = read_cases(twins.twin, ["edges_of_the_windows"])
    of_batch = Outcome((row("AA", "2013-06-29T00:00:00Z", flights_7d="2"),))
    stream = (
        row("DL", "2013-06-28T00:00:00Z", flights_7d="1"),  # its last flight was the day before
        row("AA", "2013-06-28T00:00:00Z", flights_7d="1"),
        row("AA", "2013-06-29T00:00:00Z", flights_7d="2"),
        row("AA", "2013-06-29T00:00:00.001Z", flights_7d="3"),
    )
    assert twins.differences(case, Outcome(stream), of_batch) == []


def test_a_difference_names_the_entity_the_feature_and_both_values(folder, twins):
    (case,) = read_cases(twins.twin, ["edges_of_the_windows"])
    left = (
        row("AA", "2013-06-29T00:00:00Z", on_time_share_7d="0.5"),
        row("B6", "2013-06-28T00:00:01Z", flights_7d="1"),
    )
    right = (row("AA", "2013-06-29T00:00:00Z", on_time_share_7d="0.6"),)
    found = twins.differences(case, Outcome(left), Outcome(right))
    assert [(each.entity_key, each.feature, each.expected, each.actual) for each in found] == [
        ("carrier:AA", "on_time_share_7d", "0.5", "0.6"),
        ("carrier:B6", "flights_7d", "1", "no row"),
    ]
    almost = (row("AA", "2013-06-29T00:00:00Z", on_time_share_7d="0.5000000000001"),)
    assert twins.differences(case, Outcome(left[:1]), Outcome(almost)) == []


def test_the_rows_of_a_twins_case_are_those_of_the_own_table(twins):
    (case,) = read_cases(twins.pipeline, ["three_weeks"])
    (given,) = case_of(twins.twin, case).inputs
    assert given.table is twins.twin.tables[0]
    assert given.lines == case.inputs[0].lines


def test_a_batchs_table_may_lie_in_a_database(folder):
    for name, old, new in (
        ("source.hql", "TABLE flights", "TABLE air.flights"),
        ("transform.hql", "FROM flights", "FROM air.flights"),
    ):
        path = folder / BATCH / name
        path.write_text(path.read_text().replace(old, new))
    (twins,) = twins_of([load_pipeline(folder / STREAM)], folder)
    (case,) = read_cases(twins.pipeline, ["three_weeks"])
    assert [each.table.name for each in case_of(twins.twin, case).inputs] == ["air.flights"]


def test_timestamps_of_a_case_may_be_more_precise_on_one_side(folder):
    for name, old, new in (
        (f"{BATCH}/source.hql", "flight INT", "flight INT, left_at TIMESTAMP"),
        (f"{STREAM}/source.sql", "flight INT", "flight INT, left_at TIMESTAMP_LTZ(3)"),
    ):
        path = folder / name
        path.write_text(path.read_text().replace(old, new))
    assert len(twins_of([load_pipeline(folder / STREAM)], folder)) == 1
    path.write_text(path.read_text().replace("TIMESTAMP_LTZ(3)", "TIMESTAMP(3)"))
    with pytest.raises(PipelineError, match=r"`flights\.left_at` is not the same in"):
        twins_of([load_pipeline(folder / STREAM)], folder)


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("variables: {}\n", None),
        ("variables: {dt: yesterday}\n", "`dt` is a day; 'yesterday' is none."),
        ("variables: {DT: 2013-06-21}\n", "This case doesn't say what `dt` is."),
        ("variables: {dt: 2013-06-21, WAREHOUSES: x}\n", "The pipeline has no variable `WAREHOUSES`."),
    ],
)
def test_a_streams_case_says_the_variables_of_its_twin(folder, yaml, message):
    (folder / STREAM / "cases" / "three_weeks" / "case.yaml").write_text(yaml)
    stream = load_pipeline(folder / STREAM)
    if message is None:
        assert read_cases(stream, ["three_weeks"])[0].told.variables == {}
        return
    with pytest.raises(PipelineError, match=message):
        read_cases(stream, ["three_weeks"])


def test_twins_without_a_case_for_both_are_told(folder):
    for path in (*folder.glob(f"{BATCH}/cases/*"), folder / STREAM / "cases" / "three_weeks"):
        shutil.rmtree(path)
    with pytest.raises(UsageError, match=f"neither {STREAM} nor its twin {BATCH} has a golden case that says a day"):
        run_cases([STREAM], Options(pipelines=folder), Console())


def test_a_twin_writes_nothing(folder):
    with pytest.raises(SetupError, match=f"{STREAM} is the twin of {BATCH}"):
        run_pipeline(STREAM, RunOptions(pipelines=folder), Console())
