"""Flink's planner, for streaming pipelines: see `planner_job.py`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from featuremill_codegen.connectors import jars
from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.package import package
from featuremill_codegen.pipeline import Pipeline

from featuremill_local.check.engines import REFUSED
from featuremill_local.check.planner import Planner
from featuremill_local.check.unset import stand_ins
from featuremill_local.connector import BuiltConnector, build_connector
from featuremill_local.environments import process_environment, python
from featuremill_local.flink_gateway import gateway_command
from featuremill_local.jars import LOCK, download, lock
from featuremill_local.java import with_java
from featuremill_local.processes import Process
from featuremill_local.runs import Run

HEAP = "512m"


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
        self._planner = Planner("Flink's planner", self._run.processes, self._launch)
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
        order = {"package": str(built.path), "variables": values | {"FEATUREMILL_JARS": ""}}
        return self._planner.ask(order | {"keys": list(pipeline.config.entity.keys)})

    def _launch(self) -> Process:
        """The process, with the settings of a planner that only plans."""
        conf = self._run.data / "planner"
        conf.mkdir(parents=True, exist_ok=True)
        (conf / "config.yaml").write_text("table.local-time-zone: UTC\n")
        # what the planner logs at INFO is a line for each rule that it tries
        (conf / "log4j.properties").write_text(
            "rootLogger.level = WARN\nrootLogger.appenderRef.console.ref = Console\n"
            "appender.console.type = Console\nappender.console.name = Console\n"
            "appender.console.layout.type = PatternLayout\n"
            "appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-40c{1.} %m%n\n"
        )
        command = gateway_command([self._connector.path, *self._jars.values()], conf / "log4j.properties", HEAP)
        variables = with_java(process_environment("job")) | {"FLINK_CONF_DIR": str(conf), "TZ": "UTC"}
        module = "featuremill_local.check.planner_job"
        arguments: list[str | Path] = [python("job"), "-m", module, json.dumps(command)]
        return self._run.processes.start("planner", arguments, env=variables, converse=True)


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
