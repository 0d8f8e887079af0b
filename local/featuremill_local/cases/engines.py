"""The engine of each kind of pipeline: one for streams today, another one for batches when these can run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from featuremill_codegen.errors import UsageError
from featuremill_codegen.pipeline import Pipeline

from featuremill_local.cases.engine import Engine
from featuremill_local.cases.outcome import Outcome
from featuremill_local.cases.reading import Case
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


KINDS: dict[str, Callable[[Run, BuiltConnector], CaseEngine]] = {"stream": Engine}
"""By a pipeline's `mode`."""


def refuse_unknown_kinds(pipelines: Iterable[Pipeline]) -> None:
    """Raise UsageError for a pipeline whose cases nothing here runs."""
    for pipeline in pipelines:
        if pipeline.mode not in KINDS:
            raise UsageError(
                f"{pipeline.name} is a {pipeline.mode}: its golden cases can't be run yet\n"
                f"help: nox -s local-{pipeline.name}"
            )


class Engines:
    """The engines that these pipelines need, and no others."""

    def __init__(self, pipelines: Iterable[Pipeline], run: Run, connector: BuiltConnector) -> None:
        self._pipelines = list(pipelines)
        self._engines: dict[str, CaseEngine] = {}
        for pipeline in self._pipelines:
            if pipeline.mode not in self._engines:
                self._engines[pipeline.mode] = KINDS[pipeline.mode](run, connector)

    def start(self) -> None:
        """Start them, and build the pipelines' packages meanwhile. Raises PartError and PipelineError."""
        for engine in self._engines.values():
            engine.start()
        for pipeline in self._pipelines:
            self._engines[pipeline.mode].package(pipeline)
        for engine in self._engines.values():
            engine.wait_until_ready()

    def execute(self, pipeline: Pipeline, case: Case, seconds: float) -> Outcome:
        """Run a case on the engine of the pipeline's kind. Raises CaseError."""
        return self._engines[pipeline.mode].execute(pipeline, case, seconds)
