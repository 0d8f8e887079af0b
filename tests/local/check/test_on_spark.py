"""Spark's analyser asked for real, all in one JVM: the examples, what lint lets pass, plans, and types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from featuremill_codegen.lint.pages import EXAMPLES, PIPELINE, examples, write_example
from featuremill_codegen.types import DOUBLE
from featuremill_local.check import checking
from featuremill_local.check.checking import Checked, check_pipeline
from featuremill_local.check.spark_engine import SparkEngine
from featuremill_local.runs import new_run

pytestmark = pytest.mark.jvm

ROOT = Path(__file__).parents[3]
LINT = ROOT / "tests" / "codegen" / "fixtures" / "lint"
QUERY = "SELECT page, {} FROM web.page_views WHERE dt = '${{dt}}' GROUP BY page"
OWN = (
    "pipelines/carrier_daily_quality",
    "pipelines/airport_weather_daily",
    "tests/codegen/fixtures/spark/pipelines/odd_days",
    "tests/codegen/fixtures/spark/pipelines/changed_files",
)


@pytest.fixture(scope="module")
def engine() -> Iterator[SparkEngine]:
    """Spark, in one JVM for all of these."""
    with new_run("check-tests") as run:
        made = SparkEngine(run)
        made.start([])
        yield made


def check(root: Path, engine: SparkEngine, query: str, **files: str) -> Checked:
    named = {
        name.replace("_hql", ".hql").replace("_py", ".py").replace("_txt", ".txt"): text for name, text in files.items()
    }
    write_example({"transform.hql": query, **named}, root / "pipelines")
    return check_pipeline(root / "pipelines" / PIPELINE, engine)


@pytest.mark.parametrize("name", OWN)
def test_the_repositorys_own_batches_have_no_finding(name: str, engine: SparkEngine) -> None:
    checked = check_pipeline(ROOT / name, engine)
    assert checked.findings == ()
    assert checked.batch is not None
    assert all(not read.is_read_whole for read in checked.batch.tables)


def batch_examples() -> list[str]:
    """Rules' examples with a batch in them."""
    return sorted(
        path.stem for path in EXAMPLES.glob("FM*.txt") if any(each.endswith(".hql") for each in examples(path.stem)[1])
    )


@pytest.mark.parametrize("name", batch_examples())
def test_good_examples_of_lint_are_good_for_spark(name: str, tmp_path: Path, engine: SparkEngine) -> None:
    write_example(examples(name)[1], tmp_path / "pipelines")
    batches = sorted(path.parent for path in tmp_path.glob("pipelines/*/transform.hql"))
    assert batches
    for batch in batches:
        assert check_pipeline(batch, engine).findings == ()


def good_queries() -> dict[str, str]:
    text = (LINT / "good_queries.hql").read_text(encoding="utf-8")
    return dict(re.findall(r"^-- (\w+)\n(.*?);\n", text, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("query", good_queries().values(), ids=good_queries())
def test_good_queries_of_lint_are_good_for_spark(query: str, tmp_path: Path, engine: SparkEngine) -> None:
    sources = (LINT / "good_sources.hql").read_text(encoding="utf-8")
    assert check(tmp_path, engine, query, source_hql=sources).findings == ()


@pytest.mark.parametrize(
    ("value", "marked", "condition"),
    [
        ("CAST(MAX(MONTHS_BETWEEN(ARRAY(seconds), dt)) AS INT) AS n", "MONTHS_BETWEEN(ARRAY(seconds), dt)", "DATATYPE"),
        ("CAST(NO_SUCH_FUNCTION(MAX(seconds)) AS INT) AS n", "NO_SUCH_FUNCTION(MAX(seconds))", "UNRESOLVED_ROUTINE"),
        ("CAST(MAX(SUBSTR(country)) AS INT) AS n", "SUBSTR(country)", "WRONG_NUM_ARGS"),
        ("COUNT(*) AS n, '${dt}' AS d, seconds AS s", "seconds", "MISSING_AGGREGATION"),
    ],
)
def test_what_lint_lets_pass(value: str, marked: str, condition: str, tmp_path: Path, engine: SparkEngine) -> None:
    (finding,) = check(tmp_path, engine, "-- of a day\n" + QUERY.format(value)).findings
    assert (finding.code, finding.line) == ("FM606", 2)
    assert condition in finding.message
    assert finding.source_line[finding.column - 1 :][: finding.length] == marked


def test_an_unknown_column_and_what_spark_suggests(tmp_path: Path, engine: SparkEngine) -> None:
    query = QUERY.format("COUNT(*) AS n").replace("dt = ", "secnds > 1 AND dt = ")
    (finding,) = check(tmp_path, engine, query).findings
    assert finding.source_line[finding.column - 1 :][: finding.length] == "secnds"
    assert "seconds" in finding.help


def test_syntax_that_lint_lets_pass(tmp_path: Path, engine: SparkEngine) -> None:
    (finding,) = check(tmp_path, engine, QUERY.format("COUNT(*) AS n") + "\nORDER BY page DISTRIBUTE BY page").findings
    assert (finding.code, finding.line) == ("FM606", 2)


def test_a_type_that_lint_gets_wrong_is_a_finding(tmp_path: Path, engine: SparkEngine, monkeypatch) -> None:
    real = checking.load_pipeline

    def wrong(folder: Path):
        loaded = real(folder)
        return replace(loaded, features=tuple(replace(each, type=DOUBLE) for each in loaded.features))

    monkeypatch.setattr(checking, "load_pipeline", wrong)
    (finding,) = check(tmp_path, engine, QUERY.format("COUNT(*) AS n")).findings
    assert (finding.code, finding.message) == ("FM607", "`n` is bigint in Spark, and lint took it for double.")


def test_a_plan_that_reads_everything_and_compares_every_pair(tmp_path: Path, engine: SparkEngine) -> None:
    query = """SELECT a.page, COUNT(*) AS n, SUM(b.seconds) AS s
FROM web.page_views AS a JOIN web.page_views AS b ON a.seconds < b.seconds
WHERE b.dt = '${dt}' AND b.country = 'x'
GROUP BY a.page"""
    plan = check(tmp_path, engine, query).batch
    assert plan is not None
    assert sorted((read.table, read.is_read_whole) for read in plan.tables) == [
        ("web.page_views", False),
        ("web.page_views", True),
    ]
    assert [(join.way, join.compares_every_pair) for join in plan.joins] == [("CartesianProduct", True)]
    hinted = query.replace("SELECT a", "SELECT /*+ BROADCAST(b) */ a").replace("a.seconds < ", "a.seconds = ")
    plan = check(tmp_path, engine, hinted).batch
    assert plan is not None
    assert [(join.way, join.on) for join in plan.joins] == [("BroadcastHashJoin", ("seconds",))]
    assert [shuffle.keys for shuffle in plan.shuffles] == [("page",)]


def test_functions_that_cannot_be_imported(tmp_path: Path, engine: SparkEngine) -> None:
    functions = (
        "import clockwork_minutes\nfrom pyspark.sql.functions import udf\n\n\n"
        '@udf(returnType="int")\ndef one(x):\n    return clockwork_minutes.hands.turn(x)\n'
    )
    (finding,) = check(tmp_path, engine, QUERY.format("one(COUNT(*)) AS n"), udf_def_py=functions).findings
    assert (finding.code, finding.line) == ("FM608", 1)
    files = {"udf_def_py": functions, "requirements_txt": "clockwork-minutes==1.0\n"}
    assert check(tmp_path / "named", engine, QUERY.format("one(COUNT(*)) AS n"), **files).findings == ()


def test_a_spark_that_dies_costs_one_pipeline(tmp_path: Path, engine: SparkEngine) -> None:
    process = engine._planner._process
    assert process is not None
    for each in psutil.Process(process.popen.pid).children(recursive=True):
        each.kill()
    process.popen.kill()
    (finding,) = check(tmp_path, engine, QUERY.format("COUNT(*) AS n")).findings
    assert finding.message.startswith("Spark's planner gave no answer")
    assert check(tmp_path, engine, QUERY.format("COUNT(*) AS n")).findings == ()
