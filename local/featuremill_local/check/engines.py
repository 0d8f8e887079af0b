"""What a pipeline is asked of: the planner of the engine that runs it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from featuremill_codegen.connectors import jars
from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.package import package
from featuremill_codegen.pipeline import Pipeline

from featuremill_local.check.planner import Planner
from featuremill_local.check.unset import stand_ins
from featuremill_local.connector import BuiltConnector, build_connector
from featuremill_local.jars import LOCK, download, lock
from featuremill_local.runs import Run

REFUSED = "FM606"
HQL = ("source.hql", "transform.hql")


class Engine(Protocol):
    """A planner that is asked about pipelines."""

    def start(self, pipelines: Iterable[Pipeline]) -> None:
        """Get ready for these; `ask` waits for it."""

    def ask(self, pipeline: Pipeline) -> dict[str, Any]:
        """The planner's answer, as `planner_job.py` has it. Raises PartError and PipelineError."""


class FlinkEngine:
    """Flink's planner, for streaming pipelines."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._connector: BuiltConnector = build_connector()
        self._jars: dict[str, Path] = {}
        self._planner: Planner | None = None

    def start(self, pipelines: Iterable[Pipeline]) -> None:
        """Start the JVM with the jars of these pipelines' connectors and formats; the first question waits for it."""
        wanted = {each for pipeline in pipelines for each in jars(pipeline.tables)}
        self._jars |= {each: found for each in sorted(wanted) if (found := _pinned(each)) is not None}
        if self._planner is not None:
            self._planner.end()
        self._planner = Planner(self._run.processes, [self._connector.path, *self._jars.values()])
        self._planner.start()

    def wait_until_ready(self) -> None:
        """Wait until it is warm. Raises PartError."""
        assert self._planner is not None
        self._planner.wait_until_ready()

    def ask(self, pipeline: Pipeline) -> dict[str, Any]:
        wanted = [each for each in jars(pipeline.tables) if each not in self._jars]
        if any(_pinned(each) is None for each in wanted):
            raise PipelineError([_without_a_jar(pipeline)])
        if wanted or self._planner is None:
            self.start([pipeline])
        assert self._planner is not None
        built = package(pipeline, self._run.data / "packages", self._connector.pin)
        values = stand_ins(built.manifest["variables"], pipeline.tables)
        return self._planner.ask(built.path, values | {"FEATUREMILL_JARS": ""}, pipeline.config.entity.keys)


def _pinned(coordinates: str) -> Path | None:
    """The jar of these coordinates, if a group of the lock has it."""
    group, artifact, version = coordinates.split(":")
    key = f"{group}:{artifact}:jar:{version}"
    for name in ("connectors", "parquet"):
        if key in lock()[name]:
            return download(name)[list(lock()[name]).index(key)]
    return None


def _without_a_jar(pipeline: Pipeline) -> Finding:
    """What is said of a table that needs a jar which is not among the pinned ones."""
    table = next(each for each in pipeline.tables if any(_pinned(jar) is None for jar in jars((each,))))
    missing = ", ".join(each for each in jars((table,)) if _pinned(each) is None)
    message = f"The planner can't be asked about `{table.name}`: there is no jar for it here ({missing})."
    return table.statement.finding(REFUSED, message, table.statement.tree.this.this, help=f"pin it in {LOCK.name}")


def not_asked(folder: Path) -> str:
    """Why a pipeline's engine can't be asked yet: a batch's would be Spark. Empty for one that can."""
    if any((folder / name).exists() for name in HQL):
        return "a batch pipeline (HiveQL) is planned by Spark, which is not asked yet; lint reads it"
    return ""
