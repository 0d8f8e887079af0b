"""The batch benchmark's command line, and the flights that it makes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.batch.__main__ import arguments
from benchmarks.batch.flights import DAYS
from benchmarks.batch.query import Spent, write_tables


def test_the_defaults_and_quick():
    given = arguments([])
    assert (given.rows, given.flights, given.rounds) == (3_000_000, 10_000_000, 2)
    assert given.part == ["query", "daily", "ingestion"]
    quick = arguments(["--quick", "--part", "daily"])
    assert (quick.rows, quick.flights, quick.rounds, quick.part) == (300_000, 1_000_000, 1, ["daily"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--flights", "1000"], "at least 280,000"),
        (["--rows", "5000"], "at least 20,000 for each round"),
        (["--part", "sinks"], "invalid choice"),
        (["--output", "/dev/null/batch.md"], "no folder /dev/null"),
    ],
)
def test_a_mistake_is_named(wrong, said, capsys):
    with pytest.raises(SystemExit) as ended:
        arguments(wrong)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_the_tables_are_shares_of_one_another(tmp_path):
    tables = write_tables(tmp_path, 280_000)
    few, *sizes = sorted(tables)
    assert sizes == [28_000, 84_000, 280_000]
    for rows, folder in tables.items():
        assert sorted(each.name for each in folder.iterdir()) == [f"dt={day}" for day in DAYS]
        lines = [line for file in folder.glob("dt=*/*.csv") for line in file.read_text().splitlines()]
        assert len(lines) == rows
        assert all(line.count(",") == 5 for line in lines)
        cancelled = sum(line.endswith(",,") for line in lines)
        assert cancelled == 0 if rows == few else 0.01 < cancelled / rows < 0.03
    again = write_tables(tmp_path / "again", 280_000)
    first = f"dt={DAYS[0]}/0.csv"
    assert (again[28_000] / first).read_bytes() == (tables[28_000] / first).read_bytes()


def test_the_cpu_time_of_a_process_of_a_process_counts():
    works = "import time\nwhile time.process_time() < 1: pass"
    starts = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {works!r}])"
    spent = Spent()
    with subprocess.Popen([sys.executable, "-c", starts]) as process:
        while process.poll() is None:
            spent.look()
    assert 0.9 < spent.seconds < 1.5
