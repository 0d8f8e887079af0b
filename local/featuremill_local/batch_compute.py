"""What Spark computes of a batch in a run: which days, of which data, into which feature source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from featuremill_codegen.package import Package
from featuremill_codegen.pipeline import Pipeline

from featuremill_local.environments import environment, python_with
from featuremill_local.partitions import Partitions, partitions_of
from featuremill_local.processes import Processes
from featuremill_local.progress import Progress
from featuremill_local.spark import PartitionWritten, SparkRun

BAR = 20


@dataclass(frozen=True)
class Task:
    """What is to be computed: the days, one after the other, from these folders, into this feature source.

    With `skip_done` partitions stay that the same version of the package has written. `stream` is the one whose history
    the batch is.
    """

    batch: Pipeline
    days: Sequence[date]
    folders: Mapping[str, Path]
    feature_source: Path
    skip_done: bool = False
    stream: Pipeline | None = None

    def partitions(self) -> Partitions:
        """What it leaves, as it goes to Redis."""
        return partitions_of(self.batch, self.stream, self.feature_source, self.days)


@dataclass(frozen=True)
class Computed:
    """What Spark has written, and on which days the query looked back at days that weren't there, in a sentence."""

    partitions: Mapping[date, PartitionWritten]
    gaps: Mapping[date, str]


def compute(task: Task, package: Package, processes: Processes, progress: Progress) -> Computed:
    """The partitions of all days, by Spark. Raises `SetupError`, `PartError`."""
    with progress.step("Spark environment"):
        environment("spark")
    requirements = task.batch.requirements
    if requirements:
        with progress.step("requirements.txt"):
            python_with("spark", requirements)
    days = task.days
    with progress.step("Spark") as shown:

        def show(done: Mapping[date, PartitionWritten]) -> None:
            progress.go_on(shown, bar(len(done), len(days)) if len(days) > 1 else "")

        spark = SparkRun(processes, package, task.feature_source, task.folders, requirements)
        partitions = spark.go(days, show, skip_done=task.skip_done)
        rows = sum(each.rows for each in partitions.values())
        old = sum(not each.is_new for each in partitions.values())
        shown.note = f"{rows:,} feature rows" + (f"; {old} of {len(days)} days were there" if old else "")
    return Computed(partitions, spark.gaps)


def bar(done: int, all: int) -> str:
    """How far it is: `█████░░░░░░░░░░░░░░░ 90 of 365 days`."""
    full = BAR * done // all
    return f"{'█' * full}{'░' * (BAR - full)} {done} of {all} days"
