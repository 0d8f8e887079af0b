"""The planner, seen from the tool environment: see `planner_job.py`."""

from __future__ import annotations

import json
import select
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from featuremill_local.environments import process_environment, python
from featuremill_local.flink_gateway import gateway_command
from featuremill_local.java import with_java
from featuremill_local.processes import PartError, Process, Processes

START_SECONDS = 120.0
ANSWER_SECONDS = 60.0


class Planner:
    """One JVM that plans statements and runs nothing. It is asked one question at a time."""

    def __init__(self, processes: Processes, jars: Sequence[Path]) -> None:
        self._processes = processes
        self._jars = jars
        self._process: Process | None = None
        self._ready = False

    def start(self) -> None:
        """Start it; the first question waits for it."""
        conf = self._processes.data / "planner"
        conf.mkdir(parents=True, exist_ok=True)
        (conf / "config.yaml").write_text("table.local-time-zone: UTC\n")
        # what the planner logs at INFO is a line for each rule that it tries
        (conf / "log4j.properties").write_text(
            "rootLogger.level = WARN\nrootLogger.appenderRef.console.ref = Console\n"
            "appender.console.type = Console\nappender.console.name = Console\n"
            "appender.console.layout.type = PatternLayout\n"
            "appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-40c{1.} %m%n\n"
        )
        command = gateway_command(self._jars, conf / "log4j.properties", "512m")
        variables = with_java(process_environment("job")) | {"FLINK_CONF_DIR": str(conf), "TZ": "UTC"}
        self._process = self._processes.start(
            "planner",
            [python("job"), "-m", "featuremill_local.check.planner_job", json.dumps(command)],
            env=variables,
            converse=True,
        )
        self._ready = False

    def wait_until_ready(self) -> None:
        """Wait until it is warm. Raises PartError."""
        if not self._ready:
            self._hear(START_SECONDS)
            self._ready = True

    def ask(self, package: Path, variables: Mapping[str, str], keys: Sequence[str]) -> dict[str, Any]:
        """The answer about a package, as `planner_job.py` has it. Raises PartError where the JVM ends or hangs."""
        self.wait_until_ready()
        assert self._process is not None
        assert self._process.popen.stdin is not None
        order = {"package": str(package), "variables": dict(variables), "keys": list(keys)}
        try:
            self._process.popen.stdin.write((json.dumps(order) + "\n").encode())
            self._process.popen.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended: so has the pipe of its answers, and that is told
        return self._hear(ANSWER_SECONDS)

    def _hear(self, seconds: float) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.popen.stdout is not None
        # nothing is left in the pipe's buffer between two answers, so its descriptor tells of the next one
        if not select.select([self._process.popen.stdout], [], [], seconds)[0]:
            self._begin_anew()
            raise PartError(f"waited {seconds:.0f} s for Flink's planner")
        line = self._process.popen.stdout.readline()
        if not line:
            said = self._process.log_tail()
            self._begin_anew()
            raise PartError(f"the planner's process ended; it said last:\n{said}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        """Kill it, with whatever it is doing."""
        assert self._process is not None
        self._processes.end(self._process)

    def _begin_anew(self) -> None:
        """Give up this JVM, and start one for the next question."""
        self.end()
        self.start()
