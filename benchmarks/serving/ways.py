"""The ways to answer that are compared, each a process or Redis itself."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from featuremill_local.cache import SetupError, cache_root, content_hash, made_once
from featuremill_local.environments import process_environment, python
from featuremill_local.helpers import run_helper
from featuremill_local.places import REPOSITORY
from featuremill_local.processes import PartError, Process
from featuremill_local.redis_server import RedisServer
from featuremill_local.runs import Run

from benchmarks.serving.questions import Question, of_feast_grpc, of_feast_http, of_redis, of_the_service
from benchmarks.serving.shapes import ENTITIES, FEATURES, NOW_MS, Load, feature_name, fields, is_double, view_of

START_SECONDS = 60.0
HERE = Path(__file__).resolve().parent
PATH = os.pathsep.join(str(REPOSITORY / folder) for folder in (".", "serving", "local", "codegen", "sinks"))


@dataclass(frozen=True)
class Way:
    """A way to answer.

    Attributes:
        short: its name on the command line.
        question: what it is asked under a load.
        command: what starts it, by the run's folder and Redis' port; None: Redis itself answers.
        environment: whose Python it runs on, and so which variables it gets.
    """

    short: str
    name: str
    question: Callable[[Load], Question]
    command: Callable[[Path, int], Sequence[str | Path]] | None
    environment: str = "tool"


@dataclass(frozen=True)
class Running:
    """A way that answers now."""

    way: Way
    address: str
    process: Process | None


def _ours(folder: Path, port: int) -> list[str | Path]:
    offset = f"--now={NOW_MS - int(time.time() * 1000)}ms"
    options = ["--redis", f"127.0.0.1:{port}", offset, "--log-level", "error", "--listen", "127.0.0.1:0"]
    return [sys.executable, "-m", "featuremill_serving", *options]


def _rival(name: str) -> Callable[[Path, int], list[str | Path]]:
    return lambda folder, port: [sys.executable, "-m", "benchmarks.serving.rivals", name, str(port)]


def _feast(protocol: str) -> Callable[[Path, int], list[str | Path]]:
    return lambda folder, port: [python("feast"), HERE / "feast_server.py", protocol, folder / "feast"]


NOTHING = Way("nothing", "grpc.aio that does nothing", of_the_service, _rival("nothing"))
OURS = Way("ours", "featuremill-serving", of_the_service, _ours)
REDIS_PY = Way("redis-py", "grpc.aio + redis-py", of_the_service, _rival("redis-py"))
GO = Way("go", "grpc-go + rueidis", of_the_service, lambda folder, port: [go_server(), str(port)])
FEAST_HTTP = Way("feast-http", "Feast, HTTP", of_feast_http, _feast("http"), "feast")
FEAST_GRPC = Way("feast-grpc", "Feast, gRPC", of_feast_grpc, _feast("grpc"), "feast")
REDIS = Way("redis", "Redis alone, pipelined HMGET", of_redis, None)
WAYS = (NOTHING, OURS, REDIS_PY, GO, FEAST_HTTP, FEAST_GRPC, REDIS)


def start(run: Run, way: Way, redis: RedisServer) -> Running:
    """Starts a way, and returns once it listens. Raises `PartError`, or `SetupError` where this machine lacks it."""
    if way.command is None:
        return Running(way, redis.address, redis.process)
    if way.environment == "feast":
        fill_feast(run.data / "feast", redis.port)
    env = process_environment(way.environment)
    if way.environment == "tool":
        env |= {"PYTHONPATH": PATH}
    process = run.processes.start(way.short, way.command(run.data, redis.port), env=env)
    process.wait_until(lambda: "listening " in process.log_text(), START_SECONDS, "it told its address")
    address = process.log_text().partition("listening ")[2].split()[0]
    process.wait_until(lambda: _accepts(address), START_SECONDS, "it listened")
    return Running(way, address, process)


def _accepts(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1.0).close()
    except OSError:
        return False
    return True


def fill_feast(folder: Path, port: int) -> None:
    """Makes Feast's store and fills it, once for both of its servers. Raises `PartError`."""
    if folder.exists():
        return
    folder.mkdir()
    entities = range(ENTITIES)
    rows: dict[str, dict[str, list[object]]] = {}
    stored = [fields(entity) for entity in entities]
    for number in range(FEATURES):
        name = feature_name(number)
        columns = rows.setdefault(view_of(name), {"user": [f"user:{entity}" for entity in entities]})
        columns[name] = [float(each[name]) if is_double(number) else int(each[name]) for each in stored]
    (folder / "rows.json").write_text(json.dumps(rows))
    command = [str(python("feast")), str(HERE / "feast_server.py"), "fill", str(folder), str(port)]
    done = run_helper(command, env=process_environment("feast"))
    if done.exit_code:
        raise PartError(f"Feast's store could not be filled; it said:\n{done.output[-2000:]}")


def go_server() -> Path:
    """The program in Go, built once into the cache. Raises `SetupError` where there is no `go`, or it fails."""
    go = shutil.which("go")
    if go is None:
        raise SetupError("there is no `go` here\nhelp: install Go 1.26 or later")
    source = HERE / "go"
    sources = [path.read_bytes() for path in sorted(source.iterdir())]
    target = cache_root() / "bench-serving" / content_hash(*sources)

    def build(folder: Path) -> None:
        done = run_helper([go, "build", "-o", str(folder / "server"), "."], cwd=source)
        if done.exit_code:
            raise SetupError(f"the server in Go could not be built; go says:\n{done.output[-2000:]}")

    return made_once(target, build) / "server"
