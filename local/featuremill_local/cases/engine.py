"""Runs cases, one after the other, in one JVM; a query that never ends costs that JVM and gets the next one."""

from __future__ import annotations

import os
from pathlib import Path

from featuremill_codegen.package import Package, build_package
from featuremill_codegen.pipeline import Pipeline

from featuremill_local.cases.flink import CaseFlink, TimeOver
from featuremill_local.cases.outcome import Outcome, read_outcome
from featuremill_local.cases.reading import Case
from featuremill_local.cases.tables import write_overrides
from featuremill_local.connector import BuiltConnector
from featuremill_local.processes import PartError
from featuremill_local.runs import Run


class CaseError(Exception):
    """A case that gave no outcome: its job was refused, failed or never ended. The text is for a person."""


class Engine:
    """The Flink that cases run on."""

    def __init__(self, run: Run, connector: BuiltConnector) -> None:
        self._run = run
        self._connector = connector
        self._packages: dict[str, Package] = {}
        self._flink: CaseFlink | None = None
        self._runs = 0

    def start(self) -> None:
        """Start the JVM; the first case waits for it."""
        self._flink = CaseFlink(self._run.processes, self._run.ports, self._connector.path)
        self._flink.start()

    def package(self, pipeline: Pipeline) -> None:
        """Build the pipeline's package, the same as for any other place. Raises PipelineError."""
        self._packages[pipeline.name] = build_package(pipeline.folder, self._run.data / "dist", self._connector.pin)

    def wait_until_ready(self) -> None:
        """Wait until the JVM takes jobs. Raises PartError."""
        assert self._flink is not None
        self._flink.wait_until_ready()

    def execute(self, pipeline: Pipeline, case: Case, seconds: float) -> Outcome:
        """Run the case to its end, at most so long. Raises CaseError."""
        if self._flink is None:
            self.start()
            self.wait_until_ready()
        assert self._flink is not None
        self._runs += 1
        output = self._run.data / "cases" / str(self._runs)
        output.mkdir(parents=True)
        package = self._packages[pipeline.name]
        overrides = write_overrides(pipeline, self._files(case, output), output)
        log_begins = self._flink.log_size()
        try:
            job = self._flink.submit(package.path / "run.py", overrides, self._variables(package), seconds)
            self._flink.wait_for_end(job, seconds)
        except TimeOver as over:
            self._end()
            message = f"it did not end within {seconds:g} s; it was waiting for {over}"
            raise CaseError(f"{message}\nhelp: -- --time-limit SECONDS gives it more time") from None
        except PartError as error:
            if not self._flink.answers():
                self._end()
            raise CaseError(_in_the_pipeline(str(error), package, pipeline)) from None
        return read_outcome(output, self._flink.log_since(log_begins))

    def _end(self) -> None:
        """Give up this JVM; the next case gets a new one."""
        assert self._flink is not None
        self._flink.end()
        self._flink = None

    def _files(self, case: Case, output: Path) -> dict[str, Path]:
        """The file of each table's rows: the case's own, or an empty one."""
        empty = output / "empty.jsonl"
        empty.touch()
        return {each.table.name: each.path or empty for each in case.inputs}

    def _variables(self, package: Package) -> dict[str, str]:
        """The variables of run.py: no case reaches what they name. The JVM has its jar already."""
        names: list[str] = package.manifest["variables"]
        return {name: os.environ.get(name, "unused-in-cases") for name in names} | {"FEATUREMILL_JARS": ""}


def _in_the_pipeline(message: str, package: Package, pipeline: Pipeline) -> str:
    """The message with the pipeline's own files in place of the package's, which are gone in a moment."""
    shown = f"{pipeline.folder.parent.name}/{pipeline.name}"
    return message.replace(str(package.path), shown).replace(str(pipeline.folder), shown)
