"""A load that lasts: whether latency and memory stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psutil
from featuremill_local.processes import Process

from benchmarks.serving.measure import LoadGenerator, measure
from benchmarks.serving.shapes import Load
from benchmarks.serving.ways import Running

SHARE = 0.7
SAMPLE_SECONDS = 15.0
FIND_OUT_SECONDS = 10.0
LOAD = Load(64, 1)


@dataclass(frozen=True)
class Sample:
    """A part of a soak: when it ended, in seconds from the beginning; latencies and CPU in µs; resident MiB then."""

    at: float
    requests_per_second: float
    p50_us: float
    p99_us: float
    server_us: float
    resident_mib: float


def full_load(generator: LoadGenerator, running: Running, redis: Process) -> float:
    """How many requests a second it takes at most, of 64 callers who ask again at once."""
    return measure(generator, running, redis, LOAD, FIND_OUT_SECONDS).requests_per_second


def soak(generator: LoadGenerator, running: Running, redis: Process, rate: float, seconds: float) -> Iterator[Sample]:
    """Asks so often a second, for so long, and tells every few seconds how it goes."""
    assert running.process is not None
    server = psutil.Process(running.process.pid)
    parts = max(3, round(seconds / SAMPLE_SECONDS))
    for part in range(1, parts + 1):
        found = measure(generator, running, redis, LOAD, seconds / parts, rate)
        resident = server.memory_info().rss / 2**20
        yield Sample(
            part * seconds / parts,
            found.requests_per_second,
            found.p50_us,
            found.p99_us,
            found.server_us,
            resident,
        )
