"""What the Spark of cases is told and what it says, without a Spark."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from featuremill_codegen import ConnectorJar
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.cases.engine import CaseError
from featuremill_local.cases.reading import read_cases
from featuremill_local.cases.spark_engine import SparkEngine, _rows
from featuremill_local.places import PIPELINES as EXAMPLES

PIPELINES = Path(__file__).parent / "fixtures" / "pipelines"
TWIN = EXAMPLES / "carrier_daily_quality_stream"


class Answering:
    """A Spark that gives one answer to every order."""

    def __init__(self, answer):
        self.answer = answer
        self.orders = []

    def ask(self, order, seconds):
        self.orders.append(order)
        return self.answer


@pytest.fixture
def batch():
    return load_pipeline(PIPELINES / "flights")


@pytest.fixture
def engine(tmp_path, batch, monkeypatch):
    monkeypatch.setenv("WAREHOUSE", "/data")
    pin = ConnectorJar("io.featuremill:featuremill-redis:0.1.0", "0" * 64)
    engine = SparkEngine(SimpleNamespace(data=tmp_path), SimpleNamespace(pin=pin))
    engine.package(batch)
    return engine


def test_the_tables_that_have_rows_are_filled_and_the_case_names_the_variables(engine, batch):
    (case,) = read_cases(batch, ["good"])
    engine._conversation = spark = Answering(
        {
            "exit_code": 0,
            "output": "flights: dt=2013-06-01: stand raised 2 times, and those values are NULL: stand('x'): E: x\n",
        }
    )
    outcome = engine.execute(batch, case, 1)
    (order,) = spark.orders
    assert order["arguments"][:2] == ["--dt", "2013-06-01"]
    assert order["environment"] == {"WAREHOUSE": "/data", "hidden": "Nobody"}
    assert order["rows"].keys() == {"air.flights", "air.carriers"}
    assert len(set(order["locations"].values())) == 3
    assert outcome.raised == ("stand raised 2 times, and those values are NULL: stand('x'): E: x",)


def test_lines_that_move_time_are_no_rows(tmp_path):
    (case,) = read_cases(load_pipeline(TWIN), ["three_weeks"])
    (given,) = case.inputs
    rows = _rows(given, tmp_path).read_text().splitlines()
    assert rows == [line for line in given.path.read_text().splitlines() if "@watermark" not in line]
    assert len(rows) == len(given.lines) - 1


def test_what_run_py_refuses_is_told_without_its_name(engine, batch):
    (case,) = read_cases(batch, ["good"])
    output = "a warning of Python's\nflights: dt=2013-06-01: more than one row of carrier:UA\n"
    engine._conversation = Answering({"exit_code": 1, "output": output})
    with pytest.raises(CaseError, match=r"^more than one row of carrier:UA$"):
        engine.execute(batch, case, 1)


def test_a_case_of_a_stream_has_no_day(engine, batch):
    (case,) = read_cases(load_pipeline(PIPELINES / "readings"), ["good"])
    with pytest.raises(CaseError, match="doesn't say for which day it is, and flights computes one"):
        engine.execute(batch, case, 1)
