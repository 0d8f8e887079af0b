"""Flink's planner asked for real, all in one JVM: each code's bad and good example, and whole pipelines."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from featuremill_codegen.lint.pages import PIPELINE, examples, keep_said, said, write_example
from featuremill_codegen.pipeline import Pipeline, load_pipeline
from featuremill_codegen.scaffold import new_pipeline
from featuremill_codegen.types import INT
from featuremill_local.check import checking
from featuremill_local.check.checking import Checked, check_pipeline
from featuremill_local.check.flink_engine import FlinkEngine
from featuremill_local.runs import new_run

pytestmark = pytest.mark.jvm

ROOT = Path(__file__).parents[3]
FOLDERS = (
    "pipelines",
    "tests/codegen/fixtures/pipelines",
    "tests/e2e/fixtures/pipelines",
    "tests/e2e/fixtures/pipelines_with_cases",
    "tests/local/cases/fixtures/pipelines",
)
REFUSED = {
    "tests/e2e/fixtures/pipelines/broken_udf": "FM608",
    "tests/e2e/fixtures/pipelines/wrong_argument": "FM606",
}
"""Those that are there to be refused."""
SECRET = "correct-horse-battery"
CODES = ("FM606", "FM607", "FM608", "FM611", "FM612", "FM613", "FM614", "FM615")


@pytest.fixture(scope="module")
def engine() -> Iterator[FlinkEngine]:
    """Flink's planner, in one JVM for all of these."""
    with new_run("check-tests") as run:
        made = FlinkEngine(run)
        made.start([])
        yield made


def check_example(files: dict[str, str], root: Path, engine: FlinkEngine) -> Checked:
    write_example(files, root / "pipelines")
    return check_pipeline(root / "pipelines" / PIPELINE, engine)


@pytest.mark.parametrize("code", CODES)
def test_fires_on_the_bad_example_alone(code: str, tmp_path: Path, engine: FlinkEngine) -> None:
    bad, good = examples(code)
    found = check_example(bad, tmp_path / "bad", engine).findings
    assert {each.code for each in found} == {code}
    shown = "\n\n".join(each.render() for each in found)
    if os.environ.get("UPDATE_EXPECTED") == "1":
        keep_said(code, "check", shown)
    assert said(code) == ("check", f"{shown}\n")

    fine = check_example(good, tmp_path / "good", engine)
    assert fine.findings == ()
    assert fine.planned is not None


def pipelines() -> list[str]:
    return sorted(
        str(path.parent.relative_to(ROOT)) for folder in FOLDERS for path in ROOT.glob(f"{folder}/*/source.sql")
    )


@pytest.mark.parametrize("name", pipelines())
def test_flinks_types_are_lints(name: str, engine: FlinkEngine) -> None:
    checked = check_pipeline(ROOT / name, engine)
    codes = {finding.code for finding in checked.findings}
    if name in REFUSED:
        assert codes == {REFUSED[name]}
    else:
        assert "FM607" not in codes
        assert checked.planned is not None, checked.findings


@pytest.mark.parametrize("name", [each for each in pipelines() if each.startswith("pipelines/")])
def test_the_repositorys_own_pipelines_have_no_finding(name: str, engine: FlinkEngine) -> None:
    assert check_pipeline(ROOT / name, engine).findings == ()


def test_a_new_pipeline_has_no_finding(tmp_path: Path, engine: FlinkEngine) -> None:
    (tmp_path / "pipelines").mkdir()
    checked = check_pipeline(new_pipeline(tmp_path / "pipelines", "fresh"), engine)
    assert checked.findings == ()
    assert checked.planned is not None


def test_a_type_that_lint_gets_wrong_is_a_finding(tmp_path: Path, engine: FlinkEngine, monkeypatch) -> None:
    folder = tmp_path / "pipelines" / "airport_departure_delay"
    shutil.copytree(ROOT / "pipelines" / "airport_departure_delay", folder)

    def wrong(path: Path) -> Pipeline:
        loaded = load_pipeline(path)
        return replace(loaded, features=tuple(replace(each, type=INT) for each in loaded.features))

    monkeypatch.setattr(checking, "load_pipeline", wrong)
    found = check_pipeline(folder, engine).findings
    assert {finding.code for finding in found} == {"FM607"}
    assert any("`departures_1h` is BIGINT in Flink, and lint took it for INT." in each.message for each in found)


def test_no_variable_is_read_and_no_option_is_in_the_plan(tmp_path: Path, engine: FlinkEngine, monkeypatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", SECRET)
    write_example({}, tmp_path / "pipelines")
    checked = check_pipeline(tmp_path / "pipelines" / PIPELINE, engine)
    assert checked.findings == ()
    assert SECRET not in checked.plan
    assert "bootstrap" not in checked.plan
    assert re.search(r'"table"\s*:', checked.plan)


CLOCK = """SELECT
  page,
  MAX(viewed_at) AS event_time,
  CAST(NOW() AS STRING) AS {}
FROM page_views
GROUP BY page
"""


def test_a_value_that_is_new_every_time_does_no_harm_in_a_feature(tmp_path: Path, engine: FlinkEngine) -> None:
    write_example({"transform.sql": CLOCK.format("looked_at")}, tmp_path / "pipelines")
    checked = check_pipeline(tmp_path / "pipelines" / PIPELINE, engine)
    assert {finding.code for finding in checked.findings} == {"FM611"}
    assert checked.planned is not None
    assert checked.planned.upsert_keys is None


def test_python_functions_are_not_run(engine: FlinkEngine) -> None:
    assert check_pipeline(ROOT / "pipelines" / "aircraft_rotation", engine).planned is not None
    lines = [" ".join(process.cmdline()) for process in psutil.Process().children(recursive=True)]
    assert any("PythonGatewayServer" in line for line in lines)
    assert not any("fn_execution" in line or "udf-runner" in line for line in lines)


def test_packages_of_functions_need_not_be_installed(tmp_path: Path, engine: FlinkEngine) -> None:
    files, _ = examples("FM608")
    text = files["udf_def.py"].replace("import clockwork_minutes", "import clockwork_minutes.hands as hands")
    installed = {**files, "udf_def.py": text, "requirements.txt": "clockwork-minutes==1.0\n"}
    write_example(installed, tmp_path / "pipelines")
    assert check_pipeline(tmp_path / "pipelines" / PIPELINE, engine).findings == ()

    write_example(files, tmp_path / "without" / "pipelines")
    (finding,) = check_pipeline(tmp_path / "without" / "pipelines" / PIPELINE, engine).findings
    assert finding.code == "FM608"


LATEST_IN_WINDOWS = """CREATE TEMPORARY VIEW latest AS
SELECT page, country, seconds, viewed_at
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY page, country ORDER BY viewed_at DESC) AS place
  FROM page_views
)
WHERE place = 1;

SELECT page, window_end AS event_time, SUM(seconds) AS seconds_10min
FROM TABLE(TUMBLE(TABLE latest, DESCRIPTOR(viewed_at), INTERVAL '10' MINUTE))
GROUP BY page, window_start, window_end
"""


def test_a_window_over_an_updating_view_only_adds_rows(tmp_path: Path, engine: FlinkEngine) -> None:
    write_example({"transform.sql": LATEST_IN_WINDOWS}, tmp_path / "pipelines")
    checked = check_pipeline(tmp_path / "pipelines" / PIPELINE, engine)
    assert checked.planned is not None, checked.findings
    assert not checked.planned.is_updating
    assert "FM611" in {finding.code for finding in checked.findings}
