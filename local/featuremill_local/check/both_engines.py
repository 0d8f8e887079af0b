"""Flink for streams and Spark for batches: each is started when the first of its pipelines is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from featuremill_codegen.pipeline import Pipeline

from featuremill_local.check.engines import Engine
from featuremill_local.check.flink_engine import FlinkEngine
from featuremill_local.check.spark_engine import SparkEngine
from featuremill_local.processes import PartError
from featuremill_local.runs import Run


class BothEngines:
    """An engine for pipelines of every mode."""

    def __init__(self, makers: Mapping[str, Callable[[], Engine]]) -> None:
        """`makers` make an engine for the pipelines of a mode."""
        self._makers = makers
        self._made: dict[str, Engine] = {}

    def start(self, pipelines: Iterable[Pipeline]) -> None:
        """Start the engines of these, and no other."""
        asked = list(pipelines)
        for mode in sorted({each.mode for each in asked}):
            if mode not in self._made:
                self._made[mode] = self._makers[mode]()
            self._made[mode].start([each for each in asked if each.mode == mode])

    def wait_until_ready(self) -> None:
        """Wait until all that were started are warm. Raises the first PartError, when it has waited for every one."""
        failed = []
        for engine in self._made.values():
            try:
                engine.wait_until_ready()
            except PartError as error:
                failed.append(error)
        if failed:
            raise failed[0]

    def ask(self, pipeline: Pipeline) -> dict[str, Any]:
        if pipeline.mode not in self._made:
            self.start([pipeline])
        return self._made[pipeline.mode].ask(pipeline)


def engines_of(run: Run) -> BothEngines:
    """The real ones."""
    return BothEngines({"stream": lambda: FlinkEngine(run), "batch": lambda: SparkEngine(run)})
