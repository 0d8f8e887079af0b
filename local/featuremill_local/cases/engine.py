"""Runs cases, one after the other, in one JVM; a query that never ends costs that JVM and gets the next one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from featuremill_codegen.package import Package, build_package
from featuremill_codegen.pipeline import Pipeline

from featuremill_local.cases.flink import CaseFlink
from featuremill_local.cases.outcome import Outcome, read_outcome
from featuremill_local.cases.reading import Case
from featuremill_local.cases.tables import write_overrides
from featuremill_local.connector import BuiltConnector
from featuremill_local.conversation import TimeOver
from featuremill_local.environments import variables_of_requirements
from featuremill_local.processes import PartError
from featuremill_local.runs import Run


class CaseError(Exception):
    """A case that gave no outcome: its job was refused, failed or never ended. The text is for a person."""


def time_is_over(over: TimeOver, seconds: float) -> CaseError:
    """What is said of a case that did not end in so many seconds."""
    message = f"it did not end within {seconds:g} s; it was waiting for {over}"
    return CaseError(f"{message}\nhelp: -- --time-limit SECONDS gives it more time")


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
        """Build the pipeline's package, the same as for any other place, and install what its functions import.

        Raises PipelineError and SetupError.
        """
        variables_of_requirements(pipeline.requirements)
        self._packages[pipeline.name] = build_package(pipeline.folder, self._run.data / "dist", self._connector.pin)

    def wait_until_ready(self) -> None:
        """Wait until the JVM takes jobs. Raises PartError."""
        assert self._flink is not None
        self._flink.wait_until_ready()

    def execute(self, pipeline: Pipeline, case: Case, seconds: float) -> Outcome:
        """Run the case to its end, at most so long. Raises CaseError."""
        output = self._new_output()
        overrides = write_overrides(pipeline, self._files(case, output), output)
        program = self._packages[pipeline.name].path / "run.py"
        return read_outcome(output, self._job(pipeline, program, ["--overrides", str(overrides)], seconds))

    def ask(self, pipeline: Pipeline, program: Path, arguments: Sequence[str], seconds: float) -> None:
        """Run a program that submits no job; it gets `--run` and `--overrides`, too. Raises CaseError."""
        output = self._new_output()
        self._begin()
        with self._failures(pipeline, seconds) as flink:
            everything = [*self._given(pipeline, None, output), *arguments]
            flink.run(program, everything, self._variables(pipeline), seconds)

    def execute_beside(
        self, pipeline: Pipeline, case: Case, program: Path, arguments: Sequence[str], seconds: float
    ) -> None:
        """Run the job of a program over the case's rows; it gets `--run` and `--overrides`, too. Raises CaseError."""
        output = self._new_output()
        self._job(pipeline, program, [*self._given(pipeline, case, output), *arguments], seconds)

    def _given(self, pipeline: Pipeline, case: Case | None, output: Path) -> list[str]:
        empty = {table.name: _empty(output) for table in pipeline.tables}
        overrides = write_overrides(pipeline, empty if case is None else self._files(case, output), output)
        return ["--run", str(self._packages[pipeline.name].path / "run.py"), "--overrides", str(overrides)]

    def _job(self, pipeline: Pipeline, program: Path, arguments: Sequence[str], seconds: float) -> str:
        """Run a program's job to its end; what was logged meanwhile. Raises CaseError."""
        self._begin()
        with self._failures(pipeline, seconds) as flink:
            log_begins = flink.log_size()
            job = flink.submit(program, arguments, self._variables(pipeline), seconds)
            flink.wait_for_end(job, seconds)
            return flink.log_since(log_begins)

    @contextmanager
    def _failures(self, pipeline: Pipeline, seconds: float) -> Iterator[CaseFlink]:
        """The JVM; what goes wrong in it becomes a CaseError, and the JVM is given up where it may not go on."""
        assert self._flink is not None
        try:
            yield self._flink
        except TimeOver as over:
            self._end()
            raise time_is_over(over, seconds) from None
        except PartError as error:
            if not self._flink.answers():
                self._end()
            raise CaseError(in_the_pipeline(str(error), self._packages[pipeline.name].path, pipeline)) from None

    def _begin(self) -> None:
        """Have a JVM: a new one where the last one was given up."""
        if self._flink is None:
            self.start()
            self.wait_until_ready()

    def _new_output(self) -> Path:
        self._runs += 1
        output = self._run.data / "cases" / str(self._runs)
        output.mkdir(parents=True)
        return output

    def _end(self) -> None:
        """Give up this JVM; the next case gets a new one."""
        assert self._flink is not None
        self._flink.end()
        self._flink = None

    def _files(self, case: Case, output: Path) -> dict[str, Path]:
        """The file of each table's rows: the case's own, or an empty one."""
        return {each.table.name: each.path or _empty(output) for each in case.inputs}

    def _variables(self, pipeline: Pipeline) -> dict[str, str]:
        """The variables of run.py: no case reaches what they name. The JVM has its jar already."""
        names: list[str] = self._packages[pipeline.name].manifest["variables"]
        own = {"FEATUREMILL_JARS": "", **variables_of_requirements(pipeline.requirements)}
        return {name: os.environ.get(name, "unused-in-cases") for name in names} | own


def _empty(output: Path) -> Path:
    path = output / "empty.jsonl"
    path.touch()
    return path


def in_the_pipeline(message: str, package: Path, pipeline: Pipeline) -> str:
    """The message with the pipeline's own files in place of the package's, which are gone in a moment."""
    shown = f"{pipeline.folder.parent.name}/{pipeline.name}"
    return message.replace(str(package), shown).replace(str(pipeline.folder), shown)
