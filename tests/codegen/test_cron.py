"""Crontabs that every scheduler understands alike: fixtures/cron.txt, and which of two runs whenever the other does."""

from __future__ import annotations

from pathlib import Path

import pytest
from featuremill_codegen.cron import parse_cron

LINES = (Path(__file__).parent / "fixtures" / "cron.txt").read_text(encoding="utf-8").splitlines()
CASES = [line.split(" => ") for line in LINES if not line.startswith("#")]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_crontabs(text: str, expected: str) -> None:
    try:
        found = parse_cron(text).quartz()
    except ValueError as error:
        found = str(error).partition(" | ")[0]
    assert found == expected


@pytest.mark.parametrize(
    ("upstream", "downstream", "always"),
    [
        ("0 3 * * *", "30 6 * * mon-fri", True),
        ("0 9 * * *", "0 3 * * *", True),
        ("0 3 * * mon-fri", "0 4 * * 2", True),
        ("0 3 * * mon-fri", "0 3 * * *", False),
        ("0 3 * * 1", "0 3 * * 1,2", False),
        ("0 3 1 * *", "0 3 1 6 *", True),
        ("0 3 1 6 *", "0 3 1 * *", False),
        ("0 3 1 * *", "0 3 * * 1", False),
    ],
)
def test_a_day_on_which_one_runs_and_the_other_does_not(upstream: str, downstream: str, always: bool) -> None:
    assert parse_cron(upstream).runs_whenever(parse_cron(downstream)) is always
