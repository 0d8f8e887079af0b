"""One measurement: the time and the CPU time of one way to write some rows, and a look at whether they are there."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import psutil
import redis
from featuremill_local.environments import python
from featuremill_local.processes import PartError

from benchmarks.program import WrongRowsError
from benchmarks.sinks.cluster import Cluster
from benchmarks.sinks.data import Part, program_environment
from benchmarks.sinks.rows import PIPELINE, TTL_MS
from benchmarks.sinks.variants import LIMITS, Variant, Way, sink_options

JOB = Path(__file__).with_name("job.py")
POLL_SECONDS = 0.1
LIMIT_SECONDS = 1800.0
PINGS = 200


@dataclass(frozen=True)
class Measurement:
    """Seconds of the clock and of the CPU that some rows took; `other_cpu` is the client's or the proxy's."""

    rows: int
    seconds: float
    flink_cpu: float
    redis_cpu: float
    other_cpu: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds

    @property
    def flink_us(self) -> float:
        """Microseconds of the TaskManager's CPU for each row."""
        return self.flink_cpu / self.rows * 1e6

    @property
    def redis_us(self) -> float:
        """Microseconds of Redis' CPU for each row."""
        return self.redis_cpu / self.rows * 1e6


@dataclass
class Spent:
    """CPU seconds of a block, by part; set when it is left."""

    flink: float = 0.0
    redis: float = 0.0
    proxy: float = 0.0


@contextmanager
def cpu_spent(cluster: Cluster) -> Iterator[Spent]:
    """The CPU time that the TaskManager, Redis and the proxy take while the block runs."""

    def now() -> tuple[float, float, float]:
        used = cluster.redis.client().info("cpu")
        return (
            cpu_seconds(cluster.task_manager),
            used["used_cpu_user"] + used["used_cpu_sys"],
            cpu_seconds(psutil.Process(cluster.proxy.pid)),
        )

    before = now()
    spent = Spent()
    yield spent
    spent.flink, spent.redis, spent.proxy = (after - earlier for after, earlier in zip(now(), before, strict=True))


def cpu_seconds(process: psutil.Process) -> float:
    """User and system seconds of a process so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def measure(cluster: Cluster, variant: Variant, part: Part) -> Measurement:
    """Write the rows to an empty Redis. Raises `PartError`, or `WrongRowsError` if they aren't all there afterwards."""
    cluster.redis.client().flushall()
    if variant.way in LIMITS:
        measured = measure_limit(cluster, LIMITS[variant.way], part)
    else:
        port = cluster.proxy_port if variant.delayed else cluster.redis.port
        options = sink_options(variant.way, port, cluster.embedded.kafka_address)
        measured, proxy = measure_job(cluster, part.rows, lambda: submit(cluster, part, variant.parallelism, options))
        if variant.delayed:
            measured = replace(measured, other_cpu=proxy)
    if variant.way is not Way.BLACKHOLE:
        check_rows(cluster.redis.client(), part)
    return measured


def measure_job(cluster: Cluster, rows: int, submit: Callable[[], str]) -> tuple[Measurement, float]:
    """A job that writes so many rows, from its first task to its end, and the CPU seconds of the proxy meanwhile."""
    with cpu_spent(cluster) as spent:
        job = submit()
        wait_for_end(cluster, job)
    return Measurement(rows, running_seconds(cluster, job), spent.flink, spent.redis, 0.0), spent.proxy


def measure_limit(cluster: Cluster, kind: str, part: Part) -> Measurement:
    """The same for the client of its own."""
    numbers = [str(number) for chunk in part.chunks for number in (chunk.first, chunk.count)]
    arguments = (str(cluster.redis.port), kind, *numbers)
    with cpu_spent(cluster) as spent:
        client = cluster.run.processes.start(
            "limit",
            [python("tool"), "-m", "benchmarks.sinks.limit", *arguments],
            env=program_environment("tool"),
            converse=True,
        )
        said = client.popen.communicate(timeout=LIMIT_SECONDS)[0]
    cluster.run.processes.end(client)
    if client.popen.returncode != 0:
        raise PartError(f"the client that shows the limit failed:\n{client.log_tail()}")
    took = json.loads(said)
    return Measurement(took["rows"], took["seconds"], 0.0, spent.redis, took["cpu"])


def submit(cluster: Cluster, part: Part, parallelism: int, options: dict[str, str]) -> str:
    """Submit the job; its id."""
    kafka = cluster.embedded.kafka_address
    arguments = [str(part.partition), PIPELINE, str(TTL_MS), str(parallelism), kafka, json.dumps(options)]
    return cluster.embedded.submit(JOB, arguments, cluster.jars_variable())


def wait_for_end(cluster: Cluster, job: str) -> None:
    """Wait until the job has finished; raises `PartError` with the cause if it failed, or restarted."""
    while (state := cluster.embedded.job_state(job)) != "FINISHED":
        if state in ("FAILING", "FAILED", "RESTARTING", "CANCELED"):
            raise PartError(f"the job ended as {state}: {cluster.embedded.root_cause(job)}")
        time.sleep(POLL_SECONDS)


def running_seconds(cluster: Cluster, job: str) -> float:
    """From when the job's first task ran to the end of its last: without what it took to plan and to deploy them."""
    flink = cluster.embedded.flink
    times = [
        subtask["timestamps"]
        for vertex in flink.get(f"/jobs/{job}")["vertices"]
        for subtask in flink.get(f"/jobs/{job}/vertices/{quote(vertex['id'])}/subtasktimes")["subtasks"]
    ]
    began = min(each["RUNNING"] for each in times)
    return float(max(each["FINISHED"] for each in times) - began) / 1000


def check_rows(client: redis.Redis, part: Part) -> None:
    """Every key must be there, and of the first and the last file the first and the last row as they were made."""
    found = client.dbsize()
    if found != part.rows:
        raise WrongRowsError(f"{part.rows} rows were to be in Redis, and {found} are")
    for chunk in (part.chunks[0], part.chunks[-1]):
        for index in (0, chunk.count - 1):
            key, expected = chunk.row(index)
            fields = client.hgetall(key)
            if fields != expected:
                raise WrongRowsError(f"{key} was to be {expected}, and is {fields}")


def ping_ms(client: redis.Redis) -> float:
    """The median time of a PING."""
    times = []
    for _ in range(PINGS):
        began = time.monotonic()
        client.ping()
        times.append(time.monotonic() - began)
    return statistics.median(times) * 1000
