"""A planner in a child process, seen from the tool environment: see `planner_job.py` and `spark_job.py`."""

from __future__ import annotations

import json
import select
from collections.abc import Callable, Mapping
from typing import Any

from featuremill_local.processes import PartError, Process, Processes

START_SECONDS = 120.0
ANSWER_SECONDS = 60.0


class Planner:
    """One JVM that plans statements and runs nothing. It is asked one question at a time."""

    def __init__(self, name: str, processes: Processes, launch: Callable[[], Process]) -> None:
        """`launch` starts its process, also in the place of one that died; `name` is what messages call it."""
        self._name = name
        self._processes = processes
        self._launch = launch
        self._process: Process | None = None
        self._ready = False

    def start(self) -> None:
        """Start it; the first question waits for it."""
        self._process = self._launch()
        self._ready = False

    def wait_until_ready(self) -> None:
        """Wait until it is warm. Raises PartError."""
        if not self._ready:
            self._hear(START_SECONDS)
            self._ready = True

    def ask(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to an order, as the job has it. Raises PartError where the JVM ends or hangs."""
        self.wait_until_ready()
        assert self._process is not None
        assert self._process.popen.stdin is not None
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
            raise PartError(f"waited {seconds:.0f} s for {self._name}")
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
