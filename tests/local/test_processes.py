"""A run's processes end with it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from featuremill_local.processes import PartError, Processes
from waiting import wait_until

CRASHER = Path(__file__).parent / "fixtures" / "crasher.py"


def group_members(group: int) -> list[psutil.Process]:
    members = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
        except (ProcessLookupError, psutil.Error):
            continue
    return members


@pytest.fixture
def crasher(tmp_path: Path) -> Iterator[Callable[[str], tuple[subprocess.Popen[str], int]]]:
    groups = []

    def start(mode: str) -> tuple[subprocess.Popen[str], int]:
        popen = subprocess.Popen(
            [sys.executable, CRASHER, tmp_path / "data", mode],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert popen.stdout is not None
        groups.append(int(popen.stdout.readline()))
        wait_until(lambda: len(group_members(groups[-1])) == 2, "the shell and its sleeper")
        return popen, groups[-1]

    yield start
    for group in groups:
        for member in group_members(group):
            member.kill()


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_run_leaves_no_process_and_no_data(crasher, tmp_path, signal_number):
    popen, group = crasher("guarded")
    popen.send_signal(signal_number)
    popen.wait(10)
    wait_until(lambda: not group_members(group), "the end of every process")
    wait_until(lambda: not (tmp_path / "data").exists(), "the end of the data folder")


def test_without_a_guardian_the_processes_would_stay(crasher):
    popen, group = crasher("alone")
    popen.kill()
    popen.wait(10)
    with pytest.raises(AssertionError, match="not within 1 s: the end"):
        wait_until(lambda: not group_members(group), "the end of every process", 1)


def test_close_ends_everything_and_clears_the_folder(tmp_path):
    processes = Processes(tmp_path / "data")
    sleeper = processes.start("sleeper", ["sleep", "600"])
    processes.close()
    assert sleeper.popen.poll() is not None
    assert not (tmp_path / "data").exists()


def test_logs_can_be_kept(tmp_path):
    processes = Processes(tmp_path / "data")
    speaker = processes.start("speaker", ["echo", "hello"])
    speaker.popen.wait()
    (tmp_path / "data" / "kafka").mkdir()
    processes.keep_logs()
    processes.close()
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["logs"]
    assert (tmp_path / "data" / "logs" / "speaker.log").read_text() == "hello\n"


def test_a_part_that_ends_early_shows_what_it_said(tmp_path):
    processes = Processes(tmp_path / "data")
    try:
        failing = processes.start("kafka", ["sh", "-c", "echo the port is taken; exit 3"])
        with pytest.raises(PartError, match=r"(?s)kafka ended with exit code 3 before it answered.*the port is taken"):
            failing.wait_until(lambda: False, 10, "it answered")
    finally:
        processes.close()


def test_a_part_that_never_gets_ready_is_given_up(tmp_path):
    processes = Processes(tmp_path / "data")
    try:
        sleeper = processes.start("kafka", ["sleep", "600"])
        with pytest.raises(PartError, match="waited 0 s for it answered"):
            sleeper.wait_until(lambda: False, 0.1, "it answered")
    finally:
        processes.close()


def test_an_ended_process_is_forgotten(tmp_path):
    processes = Processes(tmp_path / "data")
    try:
        sleeper = processes.start("sleeper", ["sleep", "600"])
        processes.end(sleeper)
        assert sleeper.popen.returncode == -signal.SIGKILL
        assert not group_members(sleeper.pid)
    finally:
        processes.close()
