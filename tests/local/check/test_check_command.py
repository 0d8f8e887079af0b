"""`nox -s check` as a person runs it: a process of its own, ended as users end it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from featuremill_codegen.lint.pages import write_example
from featuremill_local.runs import RUNS
from local_runs import ENVIRONMENT, processes_of, refused
from waiting import wait_until

WINDOW = """SELECT
  page,
  window_end AS event_time,
  {} AS something
FROM TABLE(TUMBLE(TABLE page_views, DESCRIPTOR(viewed_at), INTERVAL '10' MINUTE))
GROUP BY page, window_start, window_end
"""
BATCH = "SELECT page, COUNT(*) AS n FROM web.page_views WHERE dt = '${dt}' GROUP BY page"


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "featuremill_local", "check", *arguments]


@pytest.fixture
def pipelines(tmp_path: Path) -> Path:
    """Three streams: one that is fine, one that only the planner refuses, one that lint refuses."""
    root = tmp_path / "pipelines"
    for name, column in (("fine", "COUNT(*)"), ("refused", "MAX(DATE_FORMAT(seconds, 'HH'))"), ("unread", "COUNT(*")):
        write_example({"transform.sql": WINDOW.format(column)}, tmp_path / name)
        root.mkdir(exist_ok=True)
        (tmp_path / name / "page_views").rename(root / name)
    return root


@pytest.mark.jvm
def test_mistakes_are_told_and_the_others_are_checked(pipelines: Path, tmp_path: Path) -> None:
    write_example({"transform.hql": BATCH}, tmp_path / "batch")
    (tmp_path / "batch" / "page_views").rename(pipelines / "batch")
    arguments = ["--pipelines", str(pipelines), "--format", "json", "--plan", str(tmp_path / "plans")]
    told = subprocess.run(command(*arguments), env=ENVIRONMENT, capture_output=True, text=True, timeout=200)
    assert told.returncode == 1, told.stderr
    for text in (told.stdout, told.stderr):
        assert "Traceback" not in text
        assert "\tat " not in text
    found = {each["pipeline"]: each for each in json.loads(told.stdout)}
    places = {name: [(f["code"], f["line"], f["column"]) for f in each["findings"]] for name, each in found.items()}
    assert places == {
        "batch": [],
        "fine": [],
        "refused": [("FM606", 4, 7)],
        "unread": [("FM101", 4, 11)],
    }
    (read,) = found["batch"]["plan"]["tables"]
    assert read == {
        "table": "web.page_views",
        "partitioned_by": ["dt"],
        "partition_filters": ["(dt = '2013-06-01')"],
        "is_read_whole": False,
    }
    assert found["fine"]["plan"]["states"][0]["operator"] == "GlobalWindowAggregate"
    assert sorted(path.name for path in (tmp_path / "plans").iterdir()) == ["batch.txt", "fine.json"]
    assert told.stderr.splitlines()[-1] == "2 findings in 4 pipelines"


@pytest.mark.jvm
def test_streams_are_checked_though_spark_cannot_start(pipelines: Path, tmp_path: Path) -> None:
    write_example({"transform.hql": BATCH}, tmp_path / "batch")
    (tmp_path / "batch" / "page_views").rename(pipelines / "batch")
    arguments = command("batch", "fine", "--pipelines", str(pipelines), "--format", "json")
    environment = ENVIRONMENT | {"SPARK_HOME": str(tmp_path / "no-spark")}
    told = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=200)
    assert told.returncode == 1, told.stderr
    found = {each["pipeline"]: each for each in json.loads(told.stdout)}
    (finding,) = found["batch"]["findings"]
    assert finding["code"] == "FM606"
    assert finding["message"].startswith("Spark's planner gave no answer: Spark ended")
    assert found["fine"]["findings"] == []
    assert found["fine"]["plan"]["states"]


def test_a_plan_cannot_go_where_a_file_is(pipelines: Path, tmp_path: Path) -> None:
    (tmp_path / "plan").write_text("")
    told = refused("check", "fine", "--pipelines", str(pipelines), "--plan", str(tmp_path / "plan"))
    assert told.returncode == 2
    mistake, mend = told.stderr.splitlines()
    assert mistake == f"error: --plan {tmp_path}/plan is no folder"
    assert mend == "help: name one; it is made where it isn't there"


def test_a_name_that_does_not_exist_starts_nothing(pipelines: Path) -> None:
    told = refused("check", "fin", "--pipelines", str(pipelines))
    assert told.returncode == 2
    assert told.stderr == "error: There is no pipeline `fin`.\nhelp: did you mean `fine`?\n"


@pytest.fixture
def watching(pipelines: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (tmp_path / "out").open("wb") as output:
        popen = subprocess.Popen(
            command("fine", "--watch", "--pipelines", str(pipelines)),
            stdout=output,
            stderr=output,
            env=ENVIRONMENT,
            # a shell's background job ignores Ctrl-C, and its children would inherit that
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
        )
        yield popen
        if popen.poll() is None:
            popen.kill()
            popen.wait()


@pytest.mark.jvm
def test_what_changes_is_checked_again_until_an_interruption(
    watching: subprocess.Popen[bytes], pipelines: Path, tmp_path: Path
) -> None:
    def says(text: str) -> bool:
        assert watching.poll() is None, (tmp_path / "out").read_text()
        return text in (tmp_path / "out").read_text()

    wait_until(lambda: says("watching; Ctrl-C ends it"), "the first answer", 120)
    (data,) = RUNS.glob(f"*-{watching.pid}")
    query = pipelines / "fine" / "transform.sql"
    query.write_text(WINDOW.format("MAX(DATE_FORMAT(seconds, 'HH'))"))
    wait_until(lambda: says("fine/transform.sql:4:7: FM606"), "the mistake", 30)
    query.write_text(WINDOW.format("MAX(seconds)"))
    wait_until(lambda: (tmp_path / "out").read_text().count("fine: rows are only added") == 2, "the mended query", 30)
    assert processes_of(data)

    os.kill(watching.pid, signal.SIGINT)
    assert watching.wait(30) == 130
    wait_until(lambda: not processes_of(data), "the end of its processes", 10)
    assert "Traceback" not in (tmp_path / "out").read_text()
