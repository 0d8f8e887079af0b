"""How long a row takes from Kafka until a reader of Redis sees it.

A row's event time is the moment at which it was produced, and `@<pipeline>` tells a reader the event time of what it
sees. So a reader that asks for some entities' `@<pipeline>` again and again has each row's latency, on one clock.
"""

from __future__ import annotations

import json
import math
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
from featuremill_local.environments import python
from featuremill_local.processes import PartError
from featuremill_local.way import STREAMING_INGESTION

from benchmarks.sinks.cluster import TOPIC, Cluster
from benchmarks.sinks.data import program_environment
from benchmarks.sinks.feed import entity
from benchmarks.sinks.figures import percentile
from benchmarks.sinks.measure import POLL_SECONDS, cpu_spent
from benchmarks.sinks.rows import PIPELINE, resp

RATE = 5_000
# an entity's next row comes after a second, so none is overwritten before it is seen
ENTITIES = 5_000
WATCHED = 250
LOOK_SECONDS = 0.004
# the last rows may take so long
PATIENCE_SECONDS = 10.0
RUNNING_SECONDS = 60.0


@dataclass(frozen=True)
class Latency:
    """Milliseconds from the producer to the reader, of `rows` rows; a row that was never seen counts as infinite."""

    rows: int
    unseen: int
    rate: float
    p50: float
    p99: float
    p999: float
    longest: float
    flink_us: float
    redis_us: float
    look_ms: float


class Watch:
    """Looks at the place in time of some entities, all of them in one pipeline."""

    def __init__(self, port: int, entities: Sequence[str]) -> None:
        field = f"@{PIPELINE}".encode()
        self._request = b"".join(resp(b"HGET", key.encode(), field) for key in entities)
        self._connection = socket.create_connection(("127.0.0.1", port))
        self._last: list[bytes] = [b""] * len(entities)
        # for each entity the latency of each of its rows, ms
        self.latencies: list[list[float]] = [[] for _ in entities]
        self.looks = 0

    def look(self) -> None:
        """Look once, and note what is new."""
        self._connection.sendall(self._request)
        places = self._answers()
        now = time.time() * 1000
        self.looks += 1
        for index, place in enumerate(places):
            if place != self._last[index]:
                self._last[index] = place
                self.latencies[index].append(now - int(place.rpartition(b"-")[0]))

    def _answers(self) -> list[bytes]:
        """The values, b'' for one that isn't there."""
        data = b""
        while True:
            data += self._connection.recv(1 << 16)
            found = parse_bulks(data)
            if len(found) == len(self._last) and data.endswith(b"\r\n"):
                return found

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def parse_bulks(data: bytes) -> list[bytes]:
    """The complete bulk strings at the beginning of what Redis answered, b'' for a null."""
    found = []
    lines = iter(data.split(b"\r\n")[:-1])
    for line in lines:
        if line == b"$-1":
            found.append(b"")
        elif (text := next(lines, None)) is not None:
            found.append(text)
    return found


def measure_latency(cluster: Cluster, warm_seconds: int, seconds: int) -> Latency:
    """Run the streaming ingestion job with its default options on a feed of `RATE` rows/s. Raises `PartError`."""
    cluster.redis.client().flushall()
    kafka = cluster.embedded.kafka_address
    job = cluster.embedded.submit(
        STREAMING_INGESTION, ["--bootstrap-servers", kafka, "--redis", cluster.redis.address], cluster.jars_variable()
    )
    wait_until_running(cluster, job)
    rows = (warm_seconds + seconds) * RATE
    watch = Watch(cluster.redis.port, [entity(ENTITIES // WATCHED * number) for number in range(WATCHED)])
    rows_each = rows // ENTITIES
    feed = cluster.run.processes.start(
        "feed",
        [python("tool"), "-m", "benchmarks.sinks.feed", kafka, TOPIC, *map(str, (RATE, rows, ENTITIES))],
        env=program_environment("tool"),
        converse=True,
    )
    began = time.monotonic()
    with cpu_spent(cluster) as spent:
        ended = math.inf
        while time.monotonic() < ended + PATIENCE_SECONDS and min(map(len, watch.latencies)) < rows_each:
            watch.look()
            if feed.popen.poll() is not None:
                ended = min(ended, time.monotonic())
            time.sleep(LOOK_SECONDS)
    look_ms = (time.monotonic() - began) / watch.looks * 1000
    said = feed.popen.communicate()[0]
    cluster.run.processes.end(feed)
    watch.close()
    if feed.popen.returncode != 0:
        raise PartError(f"the feed failed:\n{feed.log_tail()}")
    cancel(cluster, job)
    cold = warm_seconds * RATE // ENTITIES
    seen = [ms for latencies in watch.latencies for ms in latencies[cold:]]
    unseen = WATCHED * (rows_each - cold) - len(seen)
    values = seen + [math.inf] * unseen
    return Latency(
        len(values),
        unseen,
        rows / json.loads(said)["seconds"],
        percentile(values, 0.5),
        percentile(values, 0.99),
        percentile(values, 0.999),
        max(values),
        spent.flink / rows * 1e6,
        spent.redis / rows * 1e6,
        look_ms,
    )


def wait_until_running(cluster: Cluster, job: str) -> None:
    """Wait until all of the job's tasks run; raises `PartError` if they don't."""
    deadline = time.monotonic() + RUNNING_SECONDS
    while True:
        vertices = cluster.embedded.flink.get(f"/jobs/{job}")["vertices"]
        if all(vertex["status"] == "RUNNING" for vertex in vertices):
            return
        if time.monotonic() > deadline:
            raise PartError(f"the streaming job does not run: {cluster.embedded.root_cause(job)}")
        time.sleep(POLL_SECONDS)


def cancel(cluster: Cluster, job: str) -> None:
    """End a job that has no end."""
    address = f"{cluster.embedded.flink_address}/jobs/{job}?mode=cancel"
    httpx.patch(address, trust_env=False).raise_for_status()
    while cluster.embedded.job_state(job) != "CANCELED":
        time.sleep(POLL_SECONDS)
