"""A Flink session cluster of the run's own: one JobManager and one TaskManager, from the PyFlink package."""

from __future__ import annotations

import json
import os
import time
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import yaml

from featuremill_local.environments import environment, process_environment
from featuremill_local.java import find_java, with_java
from featuremill_local.jvm import quick_start_options
from featuremill_local.ports import Ports
from featuremill_local.processes import Process, Processes

START_SECONDS = 90.0
CAUSE_SECONDS = 15.0
POLL_SECONDS = 0.1
SLOTS = 8
# MiB; the script `taskmanager.sh` would start a JVM to compute the rest of these from one figure
HEAP, MANAGED, NETWORK, FRAMEWORK_OFF_HEAP, METASPACE = 768, 256, 128, 128, 384


class Flink:
    """A session cluster. `address` is that of its REST interface and its web page."""

    def __init__(self, processes: Processes, ports: Ports) -> None:
        self._processes = processes
        self.rest_port = ports.take()
        self._rpc_port = ports.take()
        self.address = f"http://127.0.0.1:{self.rest_port}"
        self.conf = processes.data / "flink" / "conf"
        self.savepoints = (processes.data / "flink" / "savepoints").as_uri()
        self.job_manager: Process | None = None
        self.task_managers: list[Process] = []
        # What a run sets beside or instead of the cluster's own settings, put in before `configure`.
        self.settings: dict[str, object] = {}
        # And for a cluster that is measured: the TaskManagers' options beside those of their memory, and jars that stay
        # loaded from one job to the next.
        self.task_manager_options: list[str] | None = None
        self.jars: list[Path] = []

    @cached_property
    def home(self) -> Path:
        """The folder of the PyFlink package, which holds a whole Flink. Made now if it is not in the cache."""
        return next((environment("job") / "lib").glob("python*/site-packages/pyflink"))

    def start(self) -> None:
        """Start the JobManager and one TaskManager, and wait until its slots are offered. Raises `PartError`.

        `configure` comes first.
        """
        job_manager = self.start_job_manager()
        task_manager = self.start_task_manager()
        job_manager.wait_until(lambda: self._overview() is not None, START_SECONDS, "its REST interface answered")
        task_manager.wait_until(
            lambda: (self._overview() or {}).get("slots-total", 0) >= SLOTS, START_SECONDS, "it offered its slots"
        )

    def start_job_manager(self) -> Process:
        """Start the JobManager, the first or after one that ended; returns at once."""
        self.job_manager = self._start_jvm(
            "flink-jobmanager",
            "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
            ["-Xmx512m", "-XX:MaxMetaspaceSize=384m", *quick_start_options()],
        )
        return self.job_manager

    def start_task_manager(self) -> Process:
        """Start one more TaskManager; returns at once."""
        process = self._start_jvm(
            f"flink-taskmanager-{len(self.task_managers) + 1}",
            "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
            [
                f"-Xmx{HEAP}m",
                f"-XX:MaxDirectMemorySize={NETWORK + FRAMEWORK_OFF_HEAP}m",
                f"-XX:MaxMetaspaceSize={METASPACE}m",
                *(quick_start_options() if self.task_manager_options is None else self.task_manager_options),
            ],
        )
        self.task_managers.append(process)
        return process

    def get(self, path: str) -> Any:
        """The JSON that the REST interface answers at `path`. Raises `httpx.HTTPError`."""
        # a proxy of the user's is for the world outside, not for this machine
        return httpx.get(f"{self.address}{path}", timeout=10, trust_env=False).raise_for_status().json()

    def job_state(self, job: str) -> str:
        """The state of a job in Flink's words, `RUNNING` for example."""
        return str(self.get(f"/jobs/{job}")["state"])

    def root_cause(self, job: str) -> str:
        """What made a job fail: the innermost cause's own line, without the stack.

        A failure that merely followed from another's may be the first that the JobManager hears of; the other comes
        with the next attempt, and is waited for.
        """
        deadline = time.monotonic() + CAUSE_SECONDS
        while True:
            failures = self.get(f"/jobs/{job}/exceptions")["exceptionHistory"]["entries"]
            trace = stack_trace_of_cause(failures)
            if trace is not None:
                return root_cause_of(trace)
            if time.monotonic() > deadline:
                return root_cause_of(failures[0]["stacktrace"]) if failures else "Flink knows no cause"
            time.sleep(POLL_SECONDS)

    def environment(self) -> dict[str, str]:
        """The environment variables of a program that submits to this cluster."""
        return {
            **with_java(process_environment("job")),
            "FLINK_CONF_DIR": str(self.conf),
            "FLINK_LOG_DIR": str(self._processes.logs),
            "TZ": "UTC",
        }

    def _overview(self) -> dict[str, Any] | None:
        try:
            overview: dict[str, Any] = self.get("/overview")
        except (httpx.HTTPError, json.JSONDecodeError):
            return None
        return overview

    def configure(self) -> None:
        """Write the cluster's configuration, which a client reads, too."""
        self.conf.mkdir(parents=True)
        packaged = yaml.safe_load((self.home / "conf" / "config.yaml").read_text())
        data = self._processes.data / "flink"
        python = str(environment("job") / "bin" / "python")
        settings = {
            # Flink reads classes that Java keeps to itself: the packaged options open them
            "env.java.opts.all": packaged["env"]["java"]["opts"]["all"],
            "jobmanager.rpc.address": "127.0.0.1",
            "jobmanager.rpc.port": self._rpc_port,
            "jobmanager.bind-host": "127.0.0.1",
            "taskmanager.host": "127.0.0.1",
            "taskmanager.bind-host": "127.0.0.1",
            "rest.address": "127.0.0.1",
            "rest.bind-address": "127.0.0.1",
            "rest.port": self.rest_port,
            "web.refresh-interval": 1000,
            "web.tmpdir": str(data / "web"),
            "io.tmp.dirs": str(data / "tmp"),
            "taskmanager.numberOfTaskSlots": SLOTS,
            "taskmanager.cpu.cores": 2.0,
            "taskmanager.memory.framework.heap.size": "128m",
            "taskmanager.memory.framework.off-heap.size": f"{FRAMEWORK_OFF_HEAP}m",
            "taskmanager.memory.task.heap.size": f"{HEAP - 128}m",
            "taskmanager.memory.task.off-heap.size": "0m",
            "taskmanager.memory.managed.size": f"{MANAGED}m",
            "taskmanager.memory.network.min": f"{NETWORK}m",
            "taskmanager.memory.network.max": f"{NETWORK}m",
            "taskmanager.memory.jvm-metaspace.size": f"{METASPACE}m",
            "taskmanager.memory.jvm-overhead.min": "192m",
            "taskmanager.memory.jvm-overhead.max": "192m",
            "heartbeat.interval": 1000,
            "heartbeat.timeout": 10000,
            # a TaskManager that asks before the JobManager listens would ask again after ten seconds
            "cluster.registration.error-delay": 200,
            "cluster.registration.initial-timeout": 200,
            "metrics.fetcher.update-interval": 200,
            "execution.target": "remote",
            "execution.attached": False,
            "execution.checkpointing.interval": "1 s",
            "execution.checkpointing.dir": (data / "checkpoints").as_uri(),
            "execution.checkpointing.savepoint-dir": self.savepoints,
            # after a TaskManager dies the JobManager retries at once and often
            "restart-strategy.type": "exponential-delay",
            "restart-strategy.exponential-delay.initial-backoff": "200 ms",
            "restart-strategy.exponential-delay.max-backoff": "5 s",
            "restart-strategy.exponential-delay.attempts-before-reset-backoff": 20,
            "table.local-time-zone": "UTC",
            "python.executable": python,
            "python.client.executable": python,
            **self.settings,
        }
        (self.conf / "config.yaml").write_text(yaml.safe_dump(settings, sort_keys=False, width=10000))
        for name in ("log4j-console.properties", "log4j-cli.properties", "log4j.properties"):
            (self.conf / name).write_text(
                "rootLogger.level = INFO\nrootLogger.appenderRef.console.ref = Console\n"
                "appender.console.type = Console\nappender.console.name = Console\n"
                "appender.console.layout.type = PatternLayout\n"
                "appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-40c{1.} %m%n\n"
            )

    def _start_jvm(self, name: str, main_class: str, options: list[str]) -> Process:
        packaged = yaml.safe_load((self.conf / "config.yaml").read_text())
        log4j = self.conf / "log4j-console.properties"
        return self._processes.start(
            name,
            [
                find_java().executable,
                *options,
                *packaged["env.java.opts.all"].split(),
                f"-Dlog4j.configurationFile={log4j.as_uri()}",
                "-cp",
                os.pathsep.join(str(jar) for jar in self.class_path()),
                main_class,
                "--configDir",
                self.conf,
            ],
            env=self.environment(),
        )

    def class_path(self) -> list[Path]:
        """The cluster's class path: Flink's own libraries, its Python support, and the run's jars."""
        own = [*sorted((self.home / "lib").glob("*.jar")), *sorted((self.home / "opt").glob("flink-python-*.jar"))]
        return [*own, *self.jars]


def stack_trace_of_cause(failures: list[dict[str, Any]]) -> str | None:
    """The newest failure in the JobManager's history that is not one that another brought about, as a stack trace.

    An event sent to a task that has failed already is lost, and that counts as a failure of its own.
    """
    for failure in failures:
        for each in (failure, *failure.get("concurrentExceptions", ())):
            trace: str = each["stacktrace"]
            if "TaskNotRunningException" not in trace:
                return trace
    return None


def root_cause_of(stack_trace: str) -> str:
    """The last `Caused by:` of a Java stack trace, its class name cut off, else the first line."""
    causes = [line for line in stack_trace.splitlines() if line.startswith("Caused by: ")]
    line = causes[-1].removeprefix("Caused by: ") if causes else stack_trace.splitlines()[0]
    name, separator, message = line.partition(": ")
    return message if separator and "." in name and " " not in name else line
