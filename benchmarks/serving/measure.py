"""One way under one load: the load generator does it, and CPU times are read before and after."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import psutil
from featuremill_local.processes import PartError, Process

from benchmarks.serving.client import Job, Seen
from benchmarks.serving.shapes import Load
from benchmarks.serving.ways import Running


@dataclass(frozen=True)
class Measurement:
    """One way under one load, in one round. CPU is in µs for each request."""

    requests_per_second: float
    server_us: float
    redis_us: float
    client_us: float
    p50_us: float
    p99_us: float
    p999_us: float


class LoadGenerator:
    """The process that asks.

    Args:
        process: it, in conversation.
        folder: for the files with requests.
    """

    def __init__(self, process: Process, folder: Path) -> None:
        self.process = process
        self._folder = folder
        self._asked: dict[tuple[str, int], Path] = {}

    def drive(self, running: Running, load: Load, seconds: float, rate: float = 0.0) -> Seen:
        """Runs a load. Raises `PartError` where a request fails."""
        job = Job(running.address, str(self._question(running, load)), load.callers, seconds, rate)
        pipes = self.process.popen
        assert pipes.stdin is not None
        assert pipes.stdout is not None
        pipes.stdin.write(f"{job.line()}\n".encode())
        pipes.stdin.flush()
        line = pipes.stdout.readline()
        if not line:
            raise PartError(f"{running.way.name}, {load}: the load broke off:\n{self.process.log_tail()}")
        return Seen(**json.loads(line))

    def _question(self, running: Running, load: Load) -> Path:
        key = (running.way.name, load.entities)
        if key not in self._asked:
            path = self._asked[key] = self._folder / f"question-{len(self._asked)}.json"
            running.way.question(load).write(path)
        return self._asked[key]


def measure(
    generator: LoadGenerator, running: Running, redis: Process, load: Load, seconds: float, rate: float = 0.0
) -> Measurement:
    """Runs the load against one server."""
    watched = [None if running.process is None else running.process.pid, redis.pid, generator.process.pid]
    before = [cpu_seconds(pid) for pid in watched]
    seen = generator.drive(running, load, seconds, rate)
    server, store, client = (
        (cpu_seconds(pid) - first) / seen.requests * 1e6 for pid, first in zip(watched, before, strict=True)
    )
    return Measurement(seen.requests / seen.seconds, server, store, client, seen.p50, seen.p99, seen.p999)


def cpu_seconds(pid: int | None) -> float:
    """What a process and all below it have used so far, those that have ended among them; 0 without a process."""
    if pid is None:
        return 0.0
    process = psutil.Process(pid)
    used = 0.0
    for each in (process, *process.children(recursive=True)):
        times = each.cpu_times()
        used += times.user + times.system + times.children_user + times.children_system
    return used
