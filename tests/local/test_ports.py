"""Ports are free, and two runs never get the same."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from featuremill_local import ports
from featuremill_local.ports import Ports

TAKE_ALL = """
import sys
from featuremill_local import ports
ports.FIRST, ports.LAST = int(sys.argv[1]), int(sys.argv[2])
taken = ports.Ports()
got = set()
try:
    while True:
        got.add(taken.take())
except OSError:
    print(*sorted(got), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def narrow(monkeypatch):
    """A range of ten ports, so that two runs would meet."""
    monkeypatch.setattr(ports, "FIRST", 31980)
    monkeypatch.setattr(ports, "LAST", 31989)


def all_that_are_left(taken: Ports) -> set[int]:
    found = set()
    while True:
        try:
            found.add(taken.take())
        except OSError:
            return found


def test_two_runs_share_no_port(narrow):
    other = subprocess.Popen(
        [sys.executable, "-c", TAKE_ALL, "31980", "31989"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert other.stdout is not None
    assert other.stdin is not None
    theirs = {int(port) for port in other.stdout.readline().split()}
    assert theirs
    mine = Ports()
    assert not theirs & all_that_are_left(mine)
    mine.release()
    other.kill()
    other.wait()
    again = Ports()
    assert again.take() in range(31980, 31990), "a killed run's ports are free again"
    again.release()
    other.stdin.close()
    other.stdout.close()


def test_a_port_that_something_listens_on_is_not_taken(narrow):
    taken = Ports()
    with socket.socket() as listener:
        free = taken.take()
        taken.release()
        listener.bind(("127.0.0.1", free))
        listener.listen()
        assert free not in all_that_are_left(taken)
    taken.release()
