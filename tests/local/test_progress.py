"""What is shown of a run where no terminal is."""

from __future__ import annotations

import io

import pytest
from featuremill_local.progress import Progress
from rich.console import Console


@pytest.fixture
def shown():
    return io.StringIO()


def test_a_long_step_is_heard_of_now_and_then(shown, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("featuremill_local.progress.time.monotonic", lambda: now[0])
    with Progress(Console(file=shown, width=100)) as progress, progress.step("Spark") as step:
        for seconds in range(1, 41):
            now[0] = float(seconds)
            progress.go_on(step, f"{seconds} of 40 days")
        step.note = "done"
    assert shown.getvalue().splitlines() == [
        "  15.0 s  Spark: 15 of 40 days",
        "  30.0 s  Spark: 30 of 40 days",
        "  40.0 s  Spark: ready after 40.0 s  done",
    ]


def test_a_short_step_is_told_once(shown):
    with Progress(Console(file=shown, width=100)) as progress, progress.step("Spark") as step:
        progress.go_on(step, "1 of 2 days")
    assert len(shown.getvalue().splitlines()) == 1
