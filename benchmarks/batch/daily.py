"""What of a daily run is Spark's start: the whole way of carrier_daily_quality for its sample's last day."""

from __future__ import annotations

import io
from dataclasses import dataclass

from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.batch_run import BatchOptions, task_of
from featuremill_local.batch_way import BatchWay
from featuremill_local.embedded import Embedded
from featuremill_local.places import PIPELINES
from featuremill_local.progress import Progress
from featuremill_local.runs import new_run
from rich.console import Console

from benchmarks.batch.query import PIPELINE


@dataclass(frozen=True)
class Daily:
    """Seconds of a run: all of it, Spark's process in it, and the day's own computation in that."""

    whole: float
    spark: float
    day: float

    @property
    def start(self) -> float:
        """What Spark takes beside the day: the JVM, the metastore, the tables, and its end."""
        return self.spark - self.day


def measure_daily() -> Daily:
    """Run it once. Raises `PartError` and `SetupError`."""
    pipeline = load_pipeline(PIPELINES / PIPELINE)
    with new_run("bench-batch-daily") as run:
        task = task_of(pipeline, BatchOptions(), run.data)
        with Progress(Console(file=io.StringIO())) as steps:
            outcome = BatchWay(task, Embedded(run), run, steps).go()
        (written,) = outcome.computed.partitions.values()
        assert written.seconds is not None, "the feature source is the run's own"
        spark = next(step.seconds for step in steps.steps if step.name == "Spark")
        return Daily(steps.elapsed(), spark, written.seconds)
