"""Spark is killed by SIGKILL while it writes a partition: no reader sees a part of it, and the next run begins anew."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import featuremill_codegen.package as package
import pytest
from featuremill_local.processes import Process
from featuremill_local.runs import Run, new_run
from many_rows import DAY, ROWS, left_over, partitions, rows_there, start, write_partition, write_table

pytestmark = pytest.mark.jvm

FILES = 16
SOME = 2
MANY_FILES: dict[str, object] = {
    "spark.sql.shuffle.partitions": FILES,
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
}
# A task's file stands in the folder as soon as the task has ended: what a program does that writes where it is read.
STRAIGHT: dict[str, object] = {"spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2"}


@pytest.fixture
def run() -> Iterator[Run]:
    with new_run("faults") as run:
        yield run


@pytest.fixture(autouse=True)
def many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few rows would be written by one task."""
    change(monkeypatch, "ONE_FILE = 100_000", "ONE_FILE = 1_000")


def kill_when_some(run: Run, process: Process, written: Path, pattern: str) -> None:
    """SIGKILL for Python and the JVM when some of the files are written, and not all."""
    deadline = time.monotonic() + 120
    while len(list(written.glob(pattern))) < SOME:
        assert process.popen.poll() is None, process.log_text()
        assert time.monotonic() < deadline, f"no files in {written}"
        time.sleep(0.002)
    run.processes.end(process)
    files = len(list(written.glob(pattern)))
    assert SOME <= files < FILES, f"{files} of {FILES} files: it was not killed in the middle"
    assert not (written / "_SUCCESS").exists()


def kill_while_it_writes(run: Run, folder: Path) -> None:
    process = start(run, folder, MANY_FILES)
    kill_when_some(run, process, partitions(folder) / "_writing" / f"dt={DAY}" / "rows", "_temporary/0/task_*")


def test_no_part_of_a_partition_is_seen_and_the_next_run_writes_it(run, tmp_path):
    write_table(tmp_path, ROWS)
    kill_while_it_writes(run, tmp_path)
    assert not list(partitions(tmp_path).glob("dt=*"))
    assert left_over(tmp_path), "what was written so far is still there"

    write_partition(run, tmp_path)
    assert rows_there(tmp_path) == ROWS
    assert left_over(tmp_path) == []

    write_table(tmp_path, 2 * ROWS)
    kill_while_it_writes(run, tmp_path)
    assert rows_there(tmp_path) == ROWS, "the partition that was there stays as it was"


def test_control_a_program_that_writes_where_it_is_read_leaves_half_a_partition(run, tmp_path, monkeypatch):
    write_straight_there(monkeypatch)
    write_table(tmp_path, ROWS)
    process = start(run, tmp_path, MANY_FILES | STRAIGHT)
    kill_when_some(run, process, partitions(tmp_path) / f"dt={DAY}", "part-*.parquet")
    assert 0 < rows_there(tmp_path) < ROWS, "the control shows no half partition, so the test above proves nothing"


def write_straight_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets run.py write its rows into the partition itself."""
    change(monkeypatch, 'good.write.parquet(f"{self.beside}/rows")', "good.write.parquet(str(self.place))")


def change(monkeypatch: pytest.MonkeyPatch, before: str, after: str) -> None:
    """Render another run.py."""
    render = package.render

    def changed(pipeline):
        program = render(pipeline)
        assert before in program
        return program.replace(before, after)

    monkeypatch.setattr(package, "render", changed)
