"""The pipeline of the fault runs on Spark: one row in its table says how many there shall be in a partition."""

from __future__ import annotations

import hashlib
from pathlib import Path

import spark_programs
from featuremill_local.processes import Process
from featuremill_local.runs import Run

PIPELINE = Path(__file__).parent / "fixtures" / "pipelines" / "many_rows"
NAME = PIPELINE.name
DAY = "2013-06-01"
ROWS = 12_000
DAY_END_MS = 1_370_131_200_000  # 2013-06-02T00:00:00Z
END_SECONDS = 180.0


def write_table(folder: Path, rows: int) -> None:
    """The table's partition of the day; a later one takes the place of an earlier."""
    partition = folder / "numbers" / f"dt={DAY}"
    partition.mkdir(parents=True, exist_ok=True)
    (partition / "numbers.txt").write_text(f"{rows}\n")


def start(run: Run, folder: Path, settings: dict[str, object], before: tuple[str, ...] = ()) -> Process:
    """run.py for the day, `before` being a command that starts it. It ends with the run, whatever happens to the test.

    Parquet is not compressed, so that files have the size of their rows.
    """
    uncompressed = {"spark.sql.parquet.compression.codec": "uncompressed"}
    tables = {"numbers": folder / "numbers"}
    program = spark_programs.program(PIPELINE, folder, tables, "--dt", DAY, settings=uncompressed | settings)
    return run.processes.start(f"spark-{folder.name}", [*before, *program.command], env=program.variables)


def write_partition(run: Run, folder: Path) -> None:
    """run.py for the day, to its end, with nothing in its way."""
    process = start(run, folder, {})
    assert process.popen.wait(END_SECONDS) == 0, process.log_text()


def partitions(folder: Path) -> Path:
    """The folder of the pipeline's partitions."""
    return folder / "feature_source" / NAME


def rows_there(folder: Path) -> int:
    """How many rows a reader finds in the day's partition; every one must be right, and there once."""
    found = spark_programs.rows_of(partitions(folder) / f"dt={DAY}")
    for key, time, features in found:
        number = key.removeprefix("thing:")
        assert (time, features) == (DAY_END_MS, {"wide": hashlib.sha256(number.encode()).hexdigest() * 10})
    assert len({key for key, _, _ in found}) == len(found)
    return len(found)


def left_over(folder: Path) -> list[Path]:
    """What lies in the folders for what is not finished, and for what was replaced."""
    return [path for name in ("_writing", "_replaced") for path in (partitions(folder) / name).glob("*")]
