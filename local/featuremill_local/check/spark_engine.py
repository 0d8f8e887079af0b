"""Spark's analyser and planner, for batches: see `spark_job.py`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from featuremill_codegen.package import package
from featuremill_codegen.pipeline import Pipeline

from featuremill_local.check.planner import Planner
from featuremill_local.check.spark_places import DAY, stand_ins
from featuremill_local.connector import build_connector
from featuremill_local.environments import python
from featuremill_local.processes import Process
from featuremill_local.runs import Run
from featuremill_local.spark import configure, spark_environment

# Nothing is known of the sizes of a production's tables, so no side of a join is taken to be small. Plans that change
# while they run would hide what changes rows' places.
SETTINGS = {
    "spark.master": "local[1]",
    "spark.driver.memory": "768m",
    "spark.sql.shuffle.partitions": 2,
    "spark.sql.autoBroadcastJoinThreshold": -1,
    "spark.sql.adaptive.enabled": "false",
}


class SparkEngine:
    """One Spark, which needs no jars of a pipeline's own."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._pin = build_connector().pin
        self._planner = Planner("Spark", run.processes, self._launch)
        self._is_started = False

    def start(self, pipelines: Iterable[Pipeline]) -> None:
        """Start the JVM where it isn't there yet; the first question waits for it."""
        if not self._is_started:
            self._planner.start()
        self._is_started = True

    def wait_until_ready(self) -> None:
        self._planner.wait_until_ready()

    def ask(self, pipeline: Pipeline) -> dict[str, Any]:
        self.start([pipeline])
        built = package(pipeline, self._run.data / "packages", self._pin)
        values = stand_ins(built.manifest["variables"])
        return self._planner.ask({"package": str(built.path), "variables": values, "day": DAY})

    def _launch(self) -> Process:
        folder = self._run.data / "spark-planner"
        configure(folder, SETTINGS)
        command: list[str | Path] = [python("spark"), "-m", "featuremill_local.check.spark_job", folder / "tables"]
        environment = spark_environment(folder)
        return self._run.processes.start("spark-planner", command, env=environment, converse=True)
