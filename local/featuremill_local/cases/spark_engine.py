"""Runs the cases of batches, one after the other, in one Spark; one that never ends costs that Spark."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from featuremill_codegen.hive.render import DAY
from featuremill_codegen.package import Package, build_package
from featuremill_codegen.pipeline import Pipeline

from featuremill_local.cases.engine import CaseError, in_the_pipeline, time_is_over
from featuremill_local.cases.outcome import Outcome, read_outcome
from featuremill_local.cases.reading import Case, Input, moves_time
from featuremill_local.connector import BuiltConnector
from featuremill_local.conversation import Conversation, TimeOver
from featuremill_local.environments import python, variables_of_requirements
from featuremill_local.java import find_java
from featuremill_local.processes import PartError, Process
from featuremill_local.runs import Run
from featuremill_local.spark import configure, spark_environment

START_SECONDS = 180.0
ANY_DAY = "2013-06-01"
_RAISED = re.compile(r"\w+ raised \d+ times, and those values are NULL: .*")


class SparkEngine:
    """The Spark that cases of batches run on."""

    def __init__(self, run: Run, connector: BuiltConnector) -> None:
        self._run = run
        self._connector = connector
        self._packages: dict[str, Package] = {}
        self._folder = run.data / "spark"
        self._process: Process | None = None
        self._conversation: Conversation | None = None
        self._runs = 0

    def start(self) -> None:
        """Start the JVM; the first case waits for it."""
        options = [
            *find_java().options,
            "-XX:+UseSerialGC",
            "-Duser.timezone=UTC",
            "-Dderby.stream.error.file=/dev/null",
        ]
        settings = {
            # rows keep their order; a cluster's parallelism doesn't count here
            "spark.master": "local[1]",
            "spark.sql.shuffle.partitions": 1,
            "spark.driver.extraJavaOptions": " ".join(options),
            # a worker would take the next pipeline's functions for those that it has imported
            "spark.python.worker.reuse": "false",
            "spark.files.overwrite": "true",
            "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:cases;create=true",
            "spark.hadoop.hive.exec.dynamic.partition.mode": "nonstrict",
        }
        configure(self._folder, settings)
        self._process = self._run.processes.start(
            "spark-of-cases",
            [python("spark"), "-m", "featuremill_local.cases.warm_spark"],
            env=spark_environment(self._folder),
            converse=True,
        )
        self._conversation = Conversation(self._process, "Spark", "run.py to write its partition")

    def package(self, pipeline: Pipeline) -> None:
        """Build the pipeline's package, the same as for any other place, and install what its functions import.

        Raises PipelineError and SetupError.
        """
        variables_of_requirements(pipeline.requirements, "spark")
        self._packages[pipeline.name] = build_package(pipeline.folder, self._run.data / "dist", self._connector.pin)

    def wait_until_ready(self) -> None:
        """Wait until it takes cases. Raises PartError."""
        assert self._conversation is not None
        self._conversation.wait_until_ready(START_SECONDS)

    def execute(self, pipeline: Pipeline, case: Case, seconds: float) -> Outcome:
        """Run the case to its end, at most so long. Raises CaseError."""
        if DAY not in case.told.variables:
            # a case of the pipeline's twin, a stream
            raise CaseError(f"the case doesn't say for which day it is, and {pipeline.name} computes one")
        output, package = self._new_output(pipeline)
        source = output / "feature_source"
        order = self._order(pipeline, case, package, output)
        order |= {
            "program": str(package / "run.py"),
            "arguments": ["--dt", order["day"], "--feature-source", str(source)],
            "feature_source": str(source / pipeline.name),
        }
        said = self._follow(pipeline, order, package, seconds)
        outcome = read_outcome(output, "")
        raised = tuple(each for each in said if _RAISED.fullmatch(each))
        return Outcome(outcome.rows, outcome.letters, raised)

    def ask(self, pipeline: Pipeline, program: Path, arguments: Sequence[str], seconds: float) -> None:
        """Run a program over tables without rows; it gets `--run` and `--dt`, too. Raises CaseError."""
        self._beside(pipeline, None, program, arguments, seconds)

    def execute_beside(
        self, pipeline: Pipeline, case: Case, program: Path, arguments: Sequence[str], seconds: float
    ) -> None:
        """Run a program over the tables with the case's rows; it gets `--run` and `--dt`, too. Raises CaseError."""
        self._beside(pipeline, case, program, arguments, seconds)

    def _beside(
        self, pipeline: Pipeline, case: Case | None, program: Path, arguments: Sequence[str], seconds: float
    ) -> None:
        output, package = self._new_output(pipeline)
        order = self._order(pipeline, case, package, output)
        given = ["--run", str(package / "run.py"), "--dt", order["day"], *arguments]
        self._follow(pipeline, order | {"program": str(program), "arguments": given}, package, seconds)

    def _new_output(self, pipeline: Pipeline) -> tuple[Path, Path]:
        """A folder for what comes out, and the package in it: Spark tells files of functions apart by their paths."""
        self._runs += 1
        output = self._run.data / "cases" / f"spark-{self._runs}"
        shutil.copytree(self._packages[pipeline.name].path, output / "package")
        return output, output / "package"

    def _follow(self, pipeline: Pipeline, order: dict[str, Any], package: Path, seconds: float) -> list[str]:
        """Have an order of `warm_spark.py` done, by a new Spark where there is none; what the program said."""
        if self._conversation is None:
            self.start()
            self.wait_until_ready()
        assert self._conversation is not None
        try:
            answer = self._conversation.ask(order, seconds)
        except TimeOver as over:
            self._end()
            raise time_is_over(over, seconds) from None
        except PartError as error:
            self._end()
            raise CaseError(str(error)) from None
        said = _said(pipeline, str(answer["output"]))
        if answer["exit_code"] != 0:
            message = "\n".join(said) or str(answer["output"]).strip()
            raise CaseError(in_the_pipeline(message, package, pipeline))
        return said

    def _order(self, pipeline: Pipeline, case: Case | None, package: Path, output: Path) -> dict[str, Any]:
        """What `warm_spark.py` is told of the tables and their rows. Without a case they have none."""
        given = case.told.variables if case is not None else {DAY: ANY_DAY}
        inputs = case.inputs if case is not None else ()
        names: list[str] = self._packages[pipeline.name].manifest["variables"]
        places = {table.name: output / "tables" / str(index) for index, table in enumerate(pipeline.tables)}
        return {
            "run": str(package / "run.py"),
            # no case reaches what the others name: they stand where tables are made alone
            "environment": {name: os.environ.get(name, "unused_in_cases") for name in names}
            | {name: value for name, value in given.items() if name != DAY}
            | variables_of_requirements(pipeline.requirements, "spark"),
            "locations": {name: f"file://{place}" for name, place in places.items()},
            "rows": {each.table.name: str(_rows(each, output)) for each in inputs if each.lines},
            "day": given[DAY],
            "output": str(output),
        }

    def _end(self) -> None:
        """Give up this Spark; the next case gets a new one."""
        assert self._process is not None
        self._run.processes.end(self._process)
        self._process = self._conversation = None


def _rows(given: Input, output: Path) -> Path:
    """The file of a table's rows; without the lines that move time, where the case is that of a stream."""
    rows = [line for line in given.lines if not moves_time(line)]
    assert given.path is not None
    if len(rows) == len(given.lines):
        return given.path
    path = output / given.file
    path.write_text("".join(line.text + "\n" for line in rows), encoding="utf-8")
    return path


def _said(pipeline: Pipeline, output: str) -> list[str]:
    """What run.py said of its day, or of itself, without its name: Python warnings, for example, are not its own."""
    prefix = re.compile(rf"^{pipeline.name}: (?:dt=\S+: )?")
    return [prefix.sub("", line) for line in output.splitlines() if prefix.match(line)]
