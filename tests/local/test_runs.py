"""Runs know of each other by what lies in their folders."""

from __future__ import annotations

import io
import json

import pytest
from featuremill_local import runs
from featuremill_local.down import end_runs
from featuremill_local.runs import is_alive, new_run, running
from rich.console import Console


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "RUNS", tmp_path / "runs")


def test_a_run_is_alive_until_its_block_ends():
    with new_run("some_pipeline") as run:
        assert is_alive(run.name)
        assert [each.run for each in running()] == [run.name]
    assert not is_alive(run.name)
    assert running() == []
    assert list(runs.RUNS.iterdir()) == []


def test_others_are_told_its_addresses():
    with new_run("some_pipeline") as run:
        run.describe(kafka="127.0.0.1:1", redis="127.0.0.1:2")
        (found,) = running()
        assert (found.pipeline, found.kafka, found.redis, found.flink) == (
            "some_pipeline",
            "127.0.0.1:1",
            "127.0.0.1:2",
            "",
        )


def test_logs_stay_after_an_error_and_go_after_an_interruption():
    with pytest.raises(RuntimeError), new_run("failing") as failing:
        failing.processes.start("speaker", ["echo", "hello"]).popen.wait()
        raise RuntimeError
    assert (failing.data / "logs" / "speaker.log").read_text() == "hello\n"
    with pytest.raises(KeyboardInterrupt), new_run("interrupted") as interrupted:
        interrupted.processes.start("speaker", ["echo", "hello"]).popen.wait()
        raise KeyboardInterrupt
    assert not interrupted.data.exists()


def test_only_the_last_logs_are_kept():
    for number in range(runs.KEPT_LOGS + 3):
        with pytest.raises(RuntimeError), new_run(f"failing_{number}"):
            raise RuntimeError
    with new_run("another"):
        left = {folder.name.rsplit("-", 3)[0] for folder in runs.RUNS.iterdir() if folder.is_dir()}
    assert len(left) == runs.KEPT_LOGS + 1


def test_down_says_when_nothing_is_up():
    output = io.StringIO()
    runs.RUNS.mkdir()
    (runs.RUNS / "dead-1").mkdir()
    (runs.RUNS / "dead-1" / "run.json").write_text(json.dumps({"run": "dead-1", "pid": 1, "pipeline": "dead"}))
    assert end_runs(Console(file=output)) == 0
    assert output.getvalue() == "nothing is up\n"
