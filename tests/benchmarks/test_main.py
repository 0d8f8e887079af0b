"""The command line, and how the rows are dealt out."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.sinks.__main__ import arguments
from benchmarks.sinks.data import Data
from benchmarks.sinks.variants import Load


def test_the_defaults_are_the_targets_own() -> None:
    given = arguments([])
    assert (given.rows, given.rounds, given.streaming_seconds, given.output) == (3_000_000, 3, 30, None)


def test_quick_is_a_tenth_and_one_round() -> None:
    given = arguments(["--quick", "--streaming-seconds", "7"])
    assert (given.rows, given.rounds, given.streaming_seconds) == (300_000, 1, 7)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--rows", "5000"], "at least 20,000 for each round"),
        (["--rounds", "0"], "must be above 0"),
        (["--rows", "many"], "invalid"),
        (["--fast"], "unrecognized"),
        (["--output", "/dev/null/sinks.md"], "no folder /dev/null"),
    ],
)
def test_a_mistake_is_named(wrong: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        arguments(wrong)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_each_round_has_rows_of_its_own() -> None:
    data = Data(Path("/nowhere"), 60_000, 3)
    rows = [
        number
        for parts in data.rounds
        for chunk in (*parts[Load.FULL].chunks, *parts[Load.TINY].chunks)
        for number in range(chunk.first, chunk.first + chunk.count)
    ]
    assert len(rows) == len(set(rows)) == 60_000 + 3 * 200
    assert [part.rows for part in data.rounds[0].values()] == [20_000, 10_000, 4_000, 200]
    assert data.whole.rows == 60_000
