"""The warm submitter of a run, seen from the tool environment: see `submitter.py`."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from featuremill_local.environments import python
from featuremill_local.flink import Flink
from featuremill_local.jvm import quick_start_options
from featuremill_local.processes import PartError, Process, Processes

START_SECONDS = 120.0


class Submitter:
    """Runs PyFlink programs against the cluster, one at a time."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._lock = threading.Lock()
        self.process: Process | None = None

    def start(self, flink: Flink) -> None:
        """Start it and wait until its JVM is warm. The cluster need not be up yet. Raises `PartError`."""
        environment = flink.environment()
        environment["JVM_ARGS"] = " ".join(quick_start_options())
        self.process = self._processes.start(
            "flink-client",
            [python("job"), "-m", "featuremill_local.submitter"],
            env=environment,
            converse=True,
        )
        self._answer()

    def submit(self, program: Path, arguments: Sequence[str | Path], environment: Mapping[str, str]) -> str:
        """Run a program that submits one job; the job's id. Raises `PartError` with what the program said."""
        assert self.process is not None
        assert self.process.popen.stdin is not None
        order = {
            "program": str(program),
            "arguments": [str(argument) for argument in arguments],
            "environment": dict(environment),
        }
        with self._lock:
            self.process.popen.stdin.write((json.dumps(order) + "\n").encode())
            self.process.popen.stdin.flush()
            answer = self._answer()
        job = re.search(r"^job ([0-9a-f]{32})$", answer["output"], re.MULTILINE)
        if answer["exit_code"] != 0 or job is None:
            raise PartError(answer["output"].strip() or f"{program} submitted no job")
        return job.group(1)

    def _answer(self) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.popen.stdout is not None
        line = self.process.popen.stdout.readline()
        if not line:
            self.process.popen.wait()
            raise PartError(f"the Flink client ended; it said:\n{self.process.log_tail()}")
        answer: dict[str, Any] = json.loads(line)
        return answer
