"""The engine of each kind of pipeline: Flink for streams, Spark for batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from featuremill_codegen.pipeline import Pipeline

from featuremill_local.cases.engine import Engine
from featuremill_local.cases.outcome import Outcome
from featuremill_local.cases.reading import Case
from featuremill_local.cases.spark_engine import SparkEngine
from featuremill_local.connector import BuiltConnector
from featuremill_local.runs import Run


class CaseEngine(Protocol):
    """What runs the cases of one kind of pipeline."""

    def start(self) -> None:
        """Start it; others may be started meanwhile."""

    def package(self, pipeline: Pipeline) -> None:
        """Build what will be run. Raises PipelineError."""

    def wait_until_ready(self) -> None:
        """Wait until it takes cases. Raises PartError."""

    def execute(self, pipeline: Pipeline, case: Case, seconds: float) -> Outcome:
        """Run a case to its end, at most so long. Raises CaseError."""

    def ask(self, pipeline: Pipeline, program: Path, arguments: Sequence[str], seconds: float) -> None:
        """Run a program of ours that knows the pipeline's tables; they have no rows. Raises CaseError."""

    def execute_beside(
        self, pipeline: Pipeline, case: Case, program: Path, arguments: Sequence[str], seconds: float
    ) -> None:
        """Run a program of ours over the case's rows. Raises CaseError."""


@dataclass(frozen=True)
class Kind:
    """How the cases of one kind of pipeline run: by which program, in which environment."""

    name: str
    environment: str
    engine: Callable[[Run, BuiltConnector], CaseEngine]


KINDS = {"stream": Kind("Flink", "job", Engine), "batch": Kind("Spark", "spark", SparkEngine)}
"""By a pipeline's `mode`."""


def kinds_of(pipelines: Iterable[Pipeline]) -> list[Kind]:
    """The kinds that these pipelines are of, in the order of `KINDS`."""
    modes = {pipeline.mode for pipeline in pipelines}
    return [kind for mode, kind in KINDS.items() if mode in modes]


class Engines:
    """The engines that these pipelines need, and no others."""

    def __init__(self, pipelines: Iterable[Pipeline], run: Run, connector: BuiltConnector) -> None:
        self._pipelines = list(pipelines)
        self._engines: dict[str, CaseEngine] = {}
        for pipeline in self._pipelines:
            if pipeline.mode not in self._engines:
                self._engines[pipeline.mode] = KINDS[pipeline.mode].engine(run, connector)

    def start(self) -> None:
        """Start them, and build the pipelines' packages meanwhile. Raises PartError and PipelineError."""
        for engine in self._engines.values():
            engine.start()
        for pipeline in self._pipelines:
            self.of(pipeline).package(pipeline)
        for engine in self._engines.values():
            engine.wait_until_ready()

    def execute(self, pipeline: Pipeline, case: Case, seconds: float) -> Outcome:
        """Run a case on the engine of the pipeline's kind. Raises CaseError."""
        return self.of(pipeline).execute(pipeline, case, seconds)

    def of(self, pipeline: Pipeline) -> CaseEngine:
        """The engine of the pipeline's kind."""
        return self._engines[pipeline.mode]
