"""What is measured on: Kafka, Redis, a proxy with a delay, and a Flink whose TaskManager is set up as for production.

A local run's JVMs have the first compiler only and the smallest collector, since they live for a minute. Here the
TaskManager has what Java chooses by itself, and the jars are on its own class path: so a job runs on code that the
jobs before it have warmed up.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from featuremill_codegen import connectors
from featuremill_codegen.dead_letters import TOPIC as DEAD_LETTERS
from featuremill_local.connector import build_connector, build_control_connector
from featuremill_local.embedded import Embedded
from featuremill_local.environments import python
from featuremill_local.flink import HEAP
from featuremill_local.jars import connector_jar, download
from featuremill_local.java import find_java
from featuremill_local.processes import Process
from featuremill_local.progress import Progress
from featuremill_local.redis_server import RedisServer
from featuremill_local.runs import Run, new_run
from redis import Redis, RedisError

from benchmarks.sinks.data import program_environment
from benchmarks.sinks.rows import PIPELINE

TOPIC = f"features.{PIPELINE}"
PARTITIONS = 2
DELAY_MS = 0.5
PROXY_SECONDS = 20.0


@dataclass(frozen=True)
class Cluster:
    """All that runs."""

    run: Run
    embedded: Embedded
    redis: RedisServer
    proxy: Process
    proxy_port: int
    gc_log: Path
    jars: tuple[Path, ...]

    @property
    def task_manager(self) -> psutil.Process:
        """The TaskManager's process."""
        return psutil.Process(self.embedded.flink.task_managers[-1].pid)

    def jars_variable(self) -> dict[str, str]:
        """The environment variable that names the jars to a PyFlink program."""
        return {"FEATUREMILL_JARS": os.pathsep.join(map(str, self.jars))}

    def proxy_client(self) -> Redis:
        """A client that goes through the proxy."""
        return Redis(host="127.0.0.1", port=self.proxy_port, decode_responses=True)


@contextmanager
def new_cluster(progress: Progress, name: str = "bench-sinks", parallelism: int = 1) -> Iterator[Cluster]:
    """Start everything; it ends with the block. `parallelism` is that of jobs which don't say theirs."""
    with new_run(name) as run:
        with progress.step("jars"):
            own = (build_connector().path, build_control_connector())
            jars = (*own, *download("jedis"), *download("parquet"), connector_jar(connectors.KAFKA))
        embedded = Embedded(run)
        flink = embedded.flink
        gc_log = run.processes.logs / "taskmanager-gc.log"
        flink.jars = list(jars)
        flink.task_manager_options = [
            *find_java().options,
            f"-Xms{HEAP}m",
            "-Duser.timezone=UTC",
            f"-Xlog:gc:file={gc_log}:utctime",
        ]
        flink.settings |= {"classloader.resolve-order": "parent-first", "execution.checkpointing.interval": "10 s"}
        flink.settings["parallelism.default"] = parallelism
        embedded.start_kafka(progress.step)
        embedded.create_topics({TOPIC: PARTITIONS, DEAD_LETTERS: 1})
        with progress.step("Redis, and a proxy before it"):
            server = RedisServer(run.processes, run.ports)
            server.start()
            proxy, proxy_port = start_proxy(run, server.port)
        embedded.start_flink(progress.step)
        yield Cluster(run, embedded, server, proxy, proxy_port, gc_log, jars)


def start_proxy(run: Run, target: int) -> tuple[Process, int]:
    """Start a proxy before the port; returns it, and its own port, when it answers for Redis."""
    port = run.ports.take()
    arguments = (str(port), str(target), str(DELAY_MS))
    proxy = run.processes.start(
        "proxy", [python("tool"), "-m", "benchmarks.sinks.delaying_proxy", *arguments], env=program_environment("tool")
    )

    def answers() -> bool:
        try:
            with Redis(host="127.0.0.1", port=port) as client:
                return bool(client.ping())
        except RedisError:
            return False

    proxy.wait_until(answers, PROXY_SECONDS, "it answered")
    return proxy, port
