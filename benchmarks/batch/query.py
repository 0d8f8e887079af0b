"""What a day of HiveQL costs: the package of carrier_daily_quality over tables of more and more flights."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psutil
from featuremill_codegen.package import Package, build_package
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.connector import build_connector
from featuremill_local.places import PIPELINES
from featuremill_local.runs import Run
from featuremill_local.spark import PartitionWritten, SparkRun

from benchmarks.batch.flights import CARRIERS, LAST, link_share, write_few, write_flights
from benchmarks.program import WrongRowsError

PIPELINE = "carrier_daily_quality"
SHARES = (1, 3, 10)
"""The sizes, in tenths of all flights."""


@dataclass(frozen=True)
class Query:
    """A day over so many flights: seconds of the day by run.py's clock, and of the CPU for the whole process."""

    rows: int
    seconds: float
    cpu: float


def write_tables(folder: Path, rows: int) -> dict[int, Path]:
    """Write about `rows` flights, and make tables of shares of them; each by how many there are.

    The smallest has so few that it shows what a day costs beside its rows.
    """
    whole = folder / str(SHARES[-1])
    a_tenth = write_flights(whole, rows) // SHARES[-1]
    for share in SHARES[:-1]:
        link_share(whole, folder / str(share), share)
    few = write_few(folder / "few")
    return {few: folder / "few", **{share * a_tenth: folder / str(share) for share in SHARES}}


def package_of(run: Run) -> Package:
    """The example's package, as it is."""
    return build_package(load_pipeline(PIPELINES / PIPELINE).folder, run.data / "dist", build_connector().pin)


def measure_query(run: Run, package: Package, flights: Path, rows: int, target: Path) -> Query:
    """Compute the last day into the new folder `target`. Raises `PartError`, or `WrongRowsError`."""
    cpu: dict[int, float] = {}

    def look(_: Mapping[date, PartitionWritten]) -> None:
        # the processes are gone when the run is known to have ended: their last figures are a few milliseconds old
        for process in psutil.Process(os.getpid()).children(recursive=True):
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            cpu[process.pid] = times.user + times.system

    look({})
    before = dict(cpu)
    done = SparkRun(run.processes, package, target, {"flights": flights}).go([LAST], look)
    written = done[LAST]
    if written.rows != len(CARRIERS):
        raise WrongRowsError(f"{len(CARRIERS)} feature rows were to be written, and {written.rows} are")
    assert written.seconds is not None, "the folder is new"
    return Query(rows, written.seconds, sum(spent - before.get(pid, 0.0) for pid, spent in cpu.items()))
