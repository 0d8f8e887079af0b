"""Does the TaskManager's memory grow while a job writes all the rows?

What is in use after one of the collector's own collections is mostly garbage that it left for later. So whole
collections are asked for while the job runs; what is left after those is in use.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil

from benchmarks.sinks.cluster import Cluster
from benchmarks.sinks.data import Part
from benchmarks.sinks.diagnostics import ask_jvm
from benchmarks.sinks.figures import first_and_last_third
from benchmarks.sinks.measure import running_seconds, submit, wait_for_end
from benchmarks.sinks.variants import Way, sink_options

SAMPLE_SECONDS = 0.5
MIB = 1 << 20
# a whole collection takes a tenth of a second
COLLECT_EVERY = 4
# [2026-11-23T10:35:33.123+0000] GC(12) Pause Full (Diagnostic Command) 345M->120M(768M) 95.123ms
WHOLE_COLLECTION = re.compile(r"\[(\S+?)\].* Pause Full .* \d+M->(\d+)M\(\d+M\)")


@dataclass(frozen=True)
class Growth:
    """MiB in the first and in the last third of the job, None if too little was seen."""

    seconds: float
    rows: int
    heap: tuple[float, float] | None
    resident: tuple[float, float] | None


def measure_memory(cluster: Cluster, part: Part, parallelism: int) -> Growth:
    """Write the rows by our sink with the guard. Raises as `measure`."""
    cluster.redis.client().flushall()
    options = sink_options(Way.GUARDED, cluster.redis.port, cluster.embedded.kafka_address)
    began = time.time()
    with sampled(cluster.task_manager) as resident:
        job = submit(cluster, part, parallelism, options)
        wait_for_end(cluster, job)
    heap = [(at, mib) for at, mib in whole_collections(cluster.gc_log) if at >= began]
    return Growth(
        running_seconds(cluster, job),
        part.rows,
        first_and_last_third(heap),
        first_and_last_third(resident),
    )


def whole_collections(log: Path) -> list[tuple[float, float]]:
    """The whole collections in a JVM's log: the time, and the MiB of heap that were in use afterwards."""
    found = []
    for line in log.read_text().splitlines():
        match = WHOLE_COLLECTION.match(line)
        if match is not None:
            found.append((datetime.fromisoformat(match[1]).timestamp(), float(match[2])))
    return found


@contextmanager
def sampled(process: psutil.Process) -> Iterator[list[tuple[float, float]]]:
    """Sample the JVM's resident memory, in MiB with the time, and have it collect its garbage, while the block runs."""
    samples: list[tuple[float, float]] = []
    stopped = threading.Event()

    def sample() -> None:
        while not stopped.wait(SAMPLE_SECONDS):
            samples.append((time.time(), process.memory_info().rss / MIB))
            if len(samples) % COLLECT_EVERY == 0:
                ask_jvm(process.pid, "GC.run")

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        stopped.set()
        thread.join()
