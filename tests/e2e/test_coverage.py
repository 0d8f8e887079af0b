"""`nox -s coverage` as a person runs it: on a real Flink or Spark, started as a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from local_runs import ENVIRONMENT, refused

FIXTURES = Path(__file__).parent / "fixtures" / "pipelines_with_coverage"
BATCHES = Path(__file__).parent / "fixtures" / "batches_with_coverage"


def run(*arguments: str, pipelines: Path = FIXTURES) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "featuremill_local", "coverage", *arguments, "--pipelines", str(pipelines)],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=280,
    )


def of(kind: str, items: list[dict]) -> dict[str, list[str]]:
    """What never happened at each place of this kind; None where that isn't known."""
    return {
        f"{item['line']}: {item['text']}": None
        if item["unknown"]
        else [outcome for outcome, seen in item["outcomes"].items() if not seen]
        for item in items
        if item["kind"] == kind
    }


@pytest.mark.jvm
def test_every_place_of_a_query_by_hand():
    told = run("visits", "--format", "json", "--fail-under", "90")
    assert told.returncode == 1, told.stdout + told.stderr
    assert "below 90 %: visits" in told.stderr
    (pipeline,) = json.loads(told.stdout)["pipelines"]
    items = pipeline["items"]
    assert of("column", items) == {
        "2: visits.page": [],
        "3: visits.seconds": [],
        "4: visits.referrer": [],
        "5: visits.agent": ["a value"],
        "7: visits.left_at": [],
        "18: pages.page": [],
    }
    assert of("feature", items) == {
        "16: long_visits": [],
        "17: weight": [],
        "18: traffic": [],
        "19: topic": [],
        "20: how_long": [],
        "21: agent": ["a value"],
    }
    assert of("predicate", items) == {
        "4: v.page = p.page": [],
        "5: v.seconds IS NOT NULL": [],
        "5: v.seconds < 1000": ["false"],
        "5: v.referrer = 'test'": ["true"],
        "10: place = 1": [],
        "12: page <> ''": ["false"],
        "16: seconds > 10": ["false", "null"],
        "24: COUNT(*) < 5": ["false"],
    }
    assert of("branch", items) == {
        "2: argument v.referrer": [],
        "2: argument 'none'": [],
        "17: WHEN seconds > 100": [],
        "17: WHEN referrer IS NULL": [],
        "17: ELSE 2": ["taken"],
        "17: ELSE 1": [],
        "18: WHEN COUNT(*) > 2": ["taken"],
        "18: WHEN COUNT(*) > 1": [],
        "18: ELSE (not written)": [],
        "19: NULLIF of what equals 'none'": [],
        "19: NULLIF of another topic": [],
        "20: IF true, 'long'": [],
        "20: IF not, 'short'": [],
    }


@pytest.mark.jvm
def test_every_place_of_a_batch_by_hand():
    told = run("delays", "--format", "json", pipelines=BATCHES)
    assert told.returncode == 0, told.stdout + told.stderr
    (pipeline,) = json.loads(told.stdout)["pipelines"]
    assert pipeline["notes"] == []
    items = pipeline["items"]
    assert of("column", items) == {
        "2: flights.carrier": [],
        "3: flights.origin": [],
        "4: flights.delay": [],
        "5: flights.gate": ["a value"],
        "7: flights.dt": [],
        "11: airports.code": [],
        "11: airports.city": [],
    }
    assert of("feature", items) == {
        "21: city_size": [],
        "22: late_1d": [],
        "23: longest_1d": [],
        "24: gate_1d": ["a value"],
    }
    # a row has its day in every case, so nobody is asked for one without
    assert of("predicate", items) == {
        "9: f.origin = a.code": ["null"],
        "11: f.dt = '${dt}'": [],
        "12: f.delay IS NOT NULL": [],
        "13: f.carrier <> 'XX'": ["false"],
        "27: COUNT(*) < 5": ["false"],
    }
    assert of("branch", items) == {
        "6: argument a.city": [],
        "6: argument 'unknown'": ["taken"],
        "7: IF true, 'late'": [],
        "7: IF not, 'well'": [],
        "18: WHEN city = 'unknown'": ["taken"],
        "19: WHEN LENGTH(city) > 5": [],
        "20: ELSE 1": ["taken"],
        "22: IF true, 1": [],
        "22: IF not, 0": [],
        "23: argument MAX(delay)": [],
        "23: argument 0": ["taken"],
    }


@pytest.mark.jvm
def test_a_pipeline_without_cases_and_what_is_printed(tmp_path):
    shutil.copytree(FIXTURES, tmp_path / "pipelines", ignore=shutil.ignore_patterns("cases"))
    told = run(pipelines=tmp_path / "pipelines")
    assert told.returncode == 0, told.stdout + told.stderr
    assert (
        "pipelines/visits/transform.sql:24:8: predicate `COUNT(*) < 5` was never true and never false.\n"
        "  24 | HAVING COUNT(*) < 5\n"
        "     |        ^^^^^^^^^^^^\n"
    ) in told.stdout
    assert "pipelines/visits/source.sql:5:3: column No case gives `visits.agent` a value." in told.stdout
    assert "visits: 0 of " in told.stdout
    assert "exercised by 0 cases (0.0 %)" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["visit"], "did you mean `visits`?"),
        (["--fail-under", "101"], "--fail-under is 101: a number of percent is needed, 0 to 100"),
        (["--time-limit", "-1"], "--time-limit is -1: more than 0 seconds are needed"),
    ],
)
def test_what_is_asked_for_in_vain(arguments, message):
    told = refused("coverage", *arguments, "--pipelines", str(FIXTURES))
    assert told.returncode == 2
    assert message in told.stderr
    assert "Traceback" not in told.stderr
