"""What a day of HiveQL costs: the package of carrier_daily_quality over tables of more and more flights."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from featuremill_codegen.package import Package, build_package
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.connector import build_connector
from featuremill_local.places import PIPELINES
from featuremill_local.runs import Run
from featuremill_local.spark import SparkRun

from benchmarks.batch.flights import CARRIERS, LAST, link_share, write_few, write_flights
from benchmarks.program import WrongRowsError
from benchmarks.sinks.measure import cpu_seconds

PIPELINE = "carrier_daily_quality"
SHARES = (1, 3, 10)
"""The sizes, in tenths of all flights."""
NEW_PROCESSES_SECONDS = 0.5


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


class Spent:
    """CPU seconds of the processes that this one started, and of theirs, from when this was made until `look`."""

    def __init__(self) -> None:
        self._known: dict[int, psutil.Process] = {}
        self._seconds: dict[int, float] = {}
        self._looked = 0.0
        self.look()
        self._before = dict(self._seconds)

    def look(self) -> None:
        """Read the clocks of those that are known; to look for new ones reads all of the machine's processes."""
        if time.monotonic() - self._looked >= NEW_PROCESSES_SECONDS:
            self._known = {each.pid: each for each in psutil.Process().children(recursive=True)}
            self._looked = time.monotonic()
        for pid, process in self._known.items():
            try:
                self._seconds[pid] = cpu_seconds(process)
            except psutil.Error:
                continue  # it has ended: its last figure is a few milliseconds old

    @property
    def seconds(self) -> float:
        """What they spent."""
        return sum(spent - self._before.get(pid, 0.0) for pid, spent in self._seconds.items())


def measure_query(run: Run, package: Package, flights: Path, rows: int, target: Path) -> Query:
    """Compute the last day into the new folder `target`. Raises `PartError`, or `WrongRowsError`."""
    spent = Spent()
    spark = SparkRun(run.processes, package, target, {"flights": flights})
    written = spark.go([LAST], lambda _: spent.look())[LAST]
    if written.rows != len(CARRIERS):
        raise WrongRowsError(f"{len(CARRIERS)} feature rows were to be written, and {written.rows} are")
    assert written.seconds is not None, "the folder is new"
    return Query(rows, written.seconds, spent.seconds)
