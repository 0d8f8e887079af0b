"""The Flink that golden cases run on, seen from the tool environment: see `mini_cluster.py`."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import yaml

from featuremill_local.conversation import Conversation, TimeOver
from featuremill_local.environments import process_environment, python
from featuremill_local.flink import root_cause_of, stack_trace_of_cause
from featuremill_local.flink_gateway import gateway_command
from featuremill_local.java import with_java
from featuremill_local.ports import Ports
from featuremill_local.processes import PartError, Process, Processes

POLL_SECONDS = 0.02
START_SECONDS = 120.0


class CaseFlink:
    """One JVM that is client and cluster at once. Its jobs run one after the other."""

    def __init__(self, processes: Processes, ports: Ports, connector: Path) -> None:
        self._processes = processes
        self._connector = connector
        self._rest_port = ports.take()
        self._conf = processes.data / f"conf-{self._rest_port}"
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{self._rest_port}", timeout=30, trust_env=False)
        self.process: Process | None = None
        self._conversation: Conversation | None = None

    def start(self) -> None:
        """Start it; `wait_until_ready` waits."""
        self._configure()
        command = gateway_command([self._connector], self._conf / "log4j.properties", "768m")
        variables = with_java(process_environment("job")) | {"FLINK_CONF_DIR": str(self._conf), "TZ": "UTC"}
        self.process = self._processes.start(
            f"flink-{self._rest_port}",
            [python("job"), "-m", "featuremill_local.cases.mini_cluster", json.dumps(command)],
            env=variables,
            converse=True,
        )
        self._conversation = Conversation(self.process, "Flink", "run.py to submit its job")

    def wait_until_ready(self) -> None:
        """Wait until it takes jobs. Raises `PartError`."""
        assert self._conversation is not None
        self._conversation.wait_until_ready(START_SECONDS)

    def run(self, program: Path, arguments: Sequence[str], environment: Mapping[str, str], seconds: float) -> str:
        """Run a program to its end; what it printed. Raises `PartError` with that where it fails, and `TimeOver`."""
        assert self._conversation is not None
        order = {"program": str(program), "arguments": list(arguments), "environment": dict(environment)}
        answer = self._conversation.ask(order, seconds)
        output = str(answer["output"])
        if answer["exit_code"] != 0:
            raise PartError(output.strip() or f"{program} ended with exit code {answer['exit_code']}")
        return output

    def submit(self, program: Path, arguments: Sequence[str], environment: Mapping[str, str], seconds: float) -> str:
        """Run a program that submits one job, a `run.py` for example; the job's id. Raises as `run` does."""
        output = self.run(program, arguments, environment, seconds)
        job = re.search(r"^job ([0-9a-f]{32})$", output, re.MULTILINE)
        if job is None:
            raise PartError(output.strip() or f"{program} submitted no job")
        return job.group(1)

    def wait_for_end(self, job: str, seconds: float) -> None:
        """Wait until the job has done its work. Raises `PartError` with the cause where it fails, and `TimeOver`."""
        deadline = time.monotonic() + seconds
        while (state := self._get(f"/jobs/{job}/status")["status"]) != "FINISHED":
            if state in ("FAILED", "CANCELED"):
                raise PartError(f"its job failed: {self._root_cause(job)}")
            if time.monotonic() > deadline:
                raise TimeOver(self._waiting_for(job))
            time.sleep(POLL_SECONDS)

    def end(self) -> None:
        """Kill it, with whatever it is doing."""
        assert self.process is not None
        self._processes.end(self.process)

    def answers(self) -> bool:
        """Whether it is still there to run a job."""
        try:
            self._get("/overview")
        except PartError:
            return False
        return True

    def log_size(self) -> int:
        """How many bytes it has logged."""
        assert self.process is not None
        return self.process.log.stat().st_size

    def log_since(self, size: int) -> str:
        """What it has logged behind the first so many bytes."""
        assert self.process is not None
        with self.process.log.open("rb") as log:
            log.seek(size)
            return log.read().decode(errors="replace")

    def _last_words(self) -> str:
        assert self.process is not None
        return self.process.log_tail()

    def _waiting_for(self, job: str) -> str:
        """The first task that has not ended, and whether it is in a Python function."""
        tasks = self._get(f"/jobs/{job}")["vertices"]
        task = next((task["name"] for task in tasks if task["status"] != "FINISHED"), "the end of the job")
        (manager,) = self._get("/taskmanagers")["taskmanagers"]
        threads = self._get(f"/taskmanagers/{manager['id']}/thread-dump")["threadInfos"]
        in_python = any(
            thread["threadName"].startswith(task[:40]) and "BeamPythonFunctionRunner" in thread["stringifiedThreadInfo"]
            for thread in threads
        )
        return f"a Python function, in the task {task}" if in_python else f"the task {task}"

    def _root_cause(self, job: str) -> str:
        """What made the job fail: the innermost cause, without its class and stack."""
        failures = self._get(f"/jobs/{job}/exceptions")["exceptionHistory"]["entries"]
        trace = stack_trace_of_cause(failures) or (failures[0]["stacktrace"] if failures else "Flink knows no cause")
        return root_cause_of(trace)

    def _get(self, path: str) -> Any:
        """The JSON that the REST interface answers at `path`. Raises `PartError`."""
        try:
            return self._client.get(path).raise_for_status().json()
        except httpx.HTTPError as error:
            raise PartError(f"Flink does not answer: {error}; it said last:\n{self._last_words()}") from None

    def _configure(self) -> None:
        self._conf.mkdir(parents=True)
        interpreter = str(python("job"))
        settings = {
            "jobmanager.rpc.address": "127.0.0.1",
            "rest.address": "127.0.0.1",
            "rest.bind-address": "127.0.0.1",
            "rest.port": self._rest_port,
            "io.tmp.dirs": str(self._processes.data / "tmp"),
            "taskmanager.memory.managed.size": "64m",
            "taskmanager.memory.network.min": "32m",
            "taskmanager.memory.network.max": "32m",
            "execution.target": "remote",
            "execution.attached": False,
            # a case's rows are read from the start or not at all
            "restart-strategy.type": "none",
            # the end of a bounded job would wait for the next checkpoint of a pipeline that asks for some
            "execution.checkpointing.checkpoints-after-tasks-finish": False,
            # rows keep their order; a pipeline's own parallelism doesn't count here
            "table.exec.resource.default-parallelism": 1,
            "table.local-time-zone": "UTC",
            # Not threads: they would start sooner, but Flink's operator for them forgets that a row takes another back
            "python.execution-mode": "process",
            "python.executable": interpreter,
            "python.client.executable": interpreter,
        }
        (self._conf / "config.yaml").write_text(yaml.safe_dump(settings, sort_keys=False, width=10000))
        (self._conf / "log4j.properties").write_text(
            "rootLogger.level = INFO\nrootLogger.appenderRef.console.ref = Console\n"
            "appender.console.type = Console\nappender.console.name = Console\n"
            "appender.console.layout.type = PatternLayout\n"
            "appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-40c{1.} %m%n\n"
        )
