"""A person's mistakes end with one clear message and an exit code; what was started is gone."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from featuremill_local.runs import RUNS
from local_runs import FIXTURES, ROOT, processes_of, read_until, refused, run, start
from waiting import wait_until


def clear(output: str) -> None:
    """No traceback of either language, and a sentence that begins with the word."""
    assert "Traceback" not in output
    assert "\tat " not in output
    assert "error: " in output


@pytest.mark.jvm
def test_a_failing_job_shows_flinks_root_cause():
    failed = run("fails_on_a_row")
    assert failed.returncode == 1
    clear(failed.stdout)
    assert "For input string: '12xgood'" in failed.stdout
    assert "help: " in failed.stdout


@pytest.mark.jvm
def test_a_query_that_the_planner_refuses_shows_its_reason():
    failed = run("wrong_argument")
    assert failed.returncode == 1
    clear(failed.stdout)
    assert "Cannot apply 'SIN' to arguments of type" in failed.stdout


@pytest.mark.jvm
def test_a_function_that_does_not_import_shows_its_place():
    failed = run("broken_udf")
    assert failed.returncode == 1
    clear(failed.stdout)
    assert "udf_def.py:1: " in failed.stdout
    assert "No module named 'a_module_that_is_not_there'" in failed.stdout


def refusal(*arguments: str, pipelines: Path = ROOT / "pipelines") -> str:
    """All that is said of a mistake, told before anything is started."""
    told = refused(*arguments, "--pipelines", str(pipelines))
    assert told.returncode == 2
    clear(told.stdout + told.stderr)
    return told.stdout + told.stderr


def copy(tmp_path: Path, name: str = "bad_rows") -> Path:
    folder = tmp_path / name
    for path in (FIXTURES / "bad_rows").rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(FIXTURES / "bad_rows")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return folder


@pytest.mark.jvm
def test_a_sample_without_a_feature_row_is_said(tmp_path):
    (copy(tmp_path) / "sample" / "readings.jsonl").write_text("not JSON\n")
    ended = run("bad_rows", pipelines=tmp_path)
    assert ended.returncode == 1
    assert "the query gave no feature row" in ended.stdout
    assert "1 row in, 0 feature rows of 0 entities, 1 dead letter (source/unreadable 1)" in ended.stdout


def test_a_missing_sample_is_named(tmp_path):
    (copy(tmp_path) / "sample" / "readings.jsonl").unlink()
    failed = run("bad_rows", pipelines=tmp_path)
    assert failed.returncode == 2
    clear(failed.stdout)
    assert "sample/readings.jsonl is missing" in failed.stdout


def test_an_empty_sample_is_refused(tmp_path):
    (copy(tmp_path) / "sample" / "readings.jsonl").write_text("\n\n")
    assert "holds no row" in refusal("run", "bad_rows", pipelines=tmp_path)


def test_a_source_that_can_not_be_fed_locally_is_refused(tmp_path):
    source = copy(tmp_path) / "source.sql"
    source.write_text(source.read_text().replace("'topic' = 'readings'", "'topic' = 'a;b'"))
    assert "several topics" in refusal("run", "bad_rows", pipelines=tmp_path)


def test_a_broken_pipeline_is_refused_before_anything_is_started(tmp_path):
    (copy(tmp_path) / "transform.sql").write_text("SELECT sensor AS FROM readings")
    failed = run("bad_rows", pipelines=tmp_path)
    assert failed.returncode == 2
    assert "transform.sql:1:" in failed.stdout
    assert "Kafka" not in failed.stdout
    assert "Traceback" not in failed.stdout


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_started(tmp_path):
    for path, what in ((tmp_path, "is a folder"), (tmp_path / "none" / "report.json", "lies in a folder that doesn't")):
        for command in ("run", "replay"):
            said = refusal(command, "carrier_daily_quality", "--report", str(path))
            assert f"error: --report {path} {what}" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dt", "2013-06-01", "--from", "2013-06-01"], "give --dt DAY, or --from DAY and --to DAY"),
        (["--from", "2013-06-02", "--to", "2013-06-01"], "--from 2013-06-02 is after --to 2013-06-01"),
        (["--dt", "2013-06-31"], "'2013-06-31' is not a day"),
        (["--redis", "redis"], "'redis' is not HOST:PORT"),
        (["--redis", "redis://:hunter2@redis:6379"], "the URL is not HOST:PORT"),
        (["--sink-option", "password=hunter2"], "set the environment variable FEATUREMILL_REDIS_PASSWORD"),
        (["--redis", "127.0.0.1:1", "--feature-source", "nowhere"], "there is no partition in "),
    ],
)
def test_a_replay_that_can_not_be_is_refused(arguments, message):
    said = refusal("replay", "carrier_daily_quality", *arguments)
    assert message in said
    assert "hunter2" not in said


def test_containers_are_refused_until_there_are_some():
    assert "containers are not supported yet" in refusal("run", "airport_departure_delay", "--docker")


@pytest.mark.jvm
@pytest.mark.parametrize(
    ("signal_number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_a_run_that_is_stopped_half_way_leaves_nothing(signal_number, code):
    popen = start("airport_departure_delay")
    read_until(popen, "Redis: ready")
    (data,) = RUNS.glob(f"*-{popen.pid}")
    wait_until(lambda: any("kafka.Kafka" in line for line in processes_of(data)), "the broker's process", 30)
    popen.send_signal(signal_number)
    assert popen.wait(60) == code
    assert popen.stdout is not None
    popen.stdout.close()
    wait_until(lambda: processes_of(data) == [], "the end of every process", 20)
    wait_until(lambda: not data.exists(), "the end of the data folder", 20)


@pytest.mark.jvm
def test_a_run_ends_with_the_process_that_started_it():
    """nox is killed and can't say so."""
    nox = subprocess.Popen([Path(psutil.Process().exe()), "-c", STARTER, str(ROOT)], stdout=subprocess.PIPE, text=True)
    assert nox.stdout is not None
    pid = int(nox.stdout.readline())
    wait_until(lambda: list(RUNS.glob(f"*-{pid}")), "the run's data folder", 30)
    (data,) = RUNS.glob(f"*-{pid}")
    nox.kill()
    nox.wait()
    wait_until(lambda: not psutil.pid_exists(pid), "the run's end", 30)
    wait_until(lambda: processes_of(data) == [], "the end of every process", 20)
    nox.stdout.close()


STARTER = """
import os, subprocess, sys
sys.path.insert(0, sys.argv[1] + "/local")
from featuremill_local.environments import process_environment, python
child = subprocess.Popen(
    [python("tool"), "-m", "featuremill_local", "run", "airport_departure_delay"],
    env=process_environment("tool") | {"FEATUREMILL_PARENT": str(os.getpid())},
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
print(child.pid, flush=True)
child.wait()
"""
