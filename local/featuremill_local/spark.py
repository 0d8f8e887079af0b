"""A batch pipeline's run.py as a child process, in a Spark of its own on this machine."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from featuremill_codegen.package import Package
from featuremill_sinks.partition import ABOUT

from featuremill_local.environments import process_environment, python, python_with
from featuremill_local.java import find_java
from featuremill_local.processes import POLL_SECONDS, PartError, Processes
from featuremill_local.spark_java import with_spark_java

CORES = 2
HEAP = "1536m"
WRITTEN = re.compile(r"^partition (\S+) written: rows (\d+), dead letters (\d+), ([\d.]+) s$", re.MULTILINE)
GAPS = re.compile(r"^\w+: dt=(\S+): (the query looks back at days of which .*)$", re.MULTILINE)
THERE = re.compile(r"^partition (\S+) is there: rows (\d+), dead letters (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class FunctionErrors:
    """How often a Python function raised on a day, which gave NULL; the first calls, with what they raised."""

    count: int
    examples: Sequence[str]


@dataclass(frozen=True)
class PartitionWritten:
    """What run.py said of a day: its rows and dead letters, how long it took (None where they were there before), and
    which of the functions raised.
    """

    rows: int
    dead_letters: int
    seconds: float | None
    function_errors: Mapping[str, FunctionErrors] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether they were computed now."""
        return self.seconds is not None


class SparkRun:
    """run.py for some days. `locations` are the folders of its source tables; a metastore in memory knows them.

    `requirements` are the packages that its functions import.
    """

    def __init__(
        self,
        processes: Processes,
        package: Package,
        feature_source: Path,
        locations: Mapping[str, Path],
        requirements: Sequence[str] = (),
    ) -> None:
        self._processes = processes
        self._package = package
        self._feature_source = feature_source
        self._locations = locations
        self._requirements = requirements
        self._folder = processes.data / "spark"
        self.gaps: dict[date, str] = {}
        """What there was to say of days that were looked back at and weren't there, by the day that was computed."""

    def go(
        self,
        days: Sequence[date],
        show: Callable[[Mapping[date, PartitionWritten]], None],
        *,
        skip_done: bool = False,
    ) -> dict[date, PartitionWritten]:
        """Compute the days, which follow each other; the partitions. `show` is told of them as they come.

        Raises `PartError` with what run.py said.
        """
        configure(self._folder)
        overrides = self._folder / "overrides.json"
        # Hive's locations are not escaped, so they are no URIs of Python's
        places = {table: {"location": f"file://{folder}"} for table, folder in self._locations.items()}
        overrides.write_text(json.dumps(places))
        interpreter = python_with("spark", self._requirements)
        command: list[str | Path] = [interpreter, self._package.path / "run.py", "--overrides", overrides]
        command += ["--feature-source", self._feature_source, "--from", str(days[0]), "--to", str(days[-1])]
        command += ["--at-once", str(CORES), *(["--skip-done"] if skip_done else [])]
        names = self._package.manifest["variables"]
        variables = {name: os.environ.get(name, "unused-locally") for name in names}
        own = spark_environment(self._folder) | {"PYSPARK_PYTHON": str(interpreter)}
        process = self._processes.start("spark", command, env=own | variables)
        done: dict[date, PartitionWritten] = {}
        with process.log.open(errors="replace") as log:  # what functions raise makes it long: it is read once
            begun = ""
            while True:
                code = process.popen.poll()
                lines, _, begun = (begun + log.read()).rpartition("\n")
                done |= partitions_in(lines)
                show(done)
                if code is not None:
                    break
                time.sleep(POLL_SECONDS)
        if code != 0:
            prefix = f"{self._package.manifest['pipeline']}: "
            said = [line.removeprefix(prefix) for line in process.log_text().splitlines() if line.startswith(prefix)]
            if not any(line.startswith("dt=") for line in said):  # of the days themselves it says all that is known
                said = [*(said or [f"Spark ended with exit code {code}"]), process.log_tail()]
                said.append(f"help: its whole log is {process.log}")
            raise PartError("\n".join(said))
        self.gaps = gaps_in(process.log_text())
        partitions = self._feature_source / str(self._package.manifest["pipeline"])
        return {
            day: replace(each, function_errors=function_errors(partitions / f"dt={day}")) for day, each in done.items()
        }


def function_errors(partition: Path) -> dict[str, FunctionErrors]:
    """The functions that raised when the partition was computed, by name: run.py leaves word of them in it."""
    about = json.loads((partition / ABOUT).read_text(encoding="utf-8"))
    return {
        name: FunctionErrors(each["count"], tuple(each["examples"]))
        for name, each in about.get("function_errors", {}).items()
    }


def gaps_in(said: str) -> dict[date, str]:
    """What run.py has said of days that it looked back at and that weren't there, by the day that it computed."""
    return {date.fromisoformat(found[1]): found[2] for found in GAPS.finditer(said)}


def configure(folder: Path, more: Mapping[str, object] = {}) -> None:
    """Write the settings of a Spark that is alone on its machine, and more, to `folder`/conf."""
    conf = folder / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    settings: dict[str, object] = {
        "spark.master": f"local[{CORES}]",
        "spark.driver.memory": HEAP,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": " ".join([*find_java().options, "-XX:+UseSerialGC"]),
        "spark.local.dir": folder / "tmp",
        "spark.sql.warehouse.dir": folder / "warehouse",
        "spark.sql.shuffle.partitions": 2 * CORES,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        **more,
    }
    (conf / "spark-defaults.conf").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    (conf / "log4j2.properties").write_text(
        "rootLogger.level = warn\nrootLogger.appenderRef.console.ref = console\n"
        "appender.console.type = Console\nappender.console.name = console\nappender.console.target = SYSTEM_ERR\n"
        "appender.console.layout.type = PatternLayout\n"
        "appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-40c{1.} %m%n%ex\n"
    )


def spark_environment(folder: Path) -> dict[str, str]:
    """The environment of a process with a Spark that is configured in `folder`."""
    return {
        **with_spark_java(process_environment("spark")),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": str(python("spark")),
        "TZ": "UTC",
    }


def partitions_in(said: str) -> dict[date, PartitionWritten]:
    """The partitions that run.py has spoken of, by day."""
    return {
        date.fromisoformat(found[1]): PartitionWritten(
            int(found[2]), int(found[3]), float(found[4]) if pattern is WRITTEN else None
        )
        for pattern in (THERE, WRITTEN)
        for found in pattern.finditer(said)
    }
