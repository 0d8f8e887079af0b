"""What a request costs: our service, a handler that does nothing, redis-py behind grpc.aio.

nox -s bench-serving
nox -s bench-serving -- --quick
nox -s bench-serving -- --output benchmarks/results/serving.md
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import grpc
import psutil
from featuremill_local.places import REPOSITORY

from benchmarks.serving.measure import Measurement, filled_redis, measure, servers
from benchmarks.serving.report import report
from benchmarks.serving.shapes import LOADS, Load


def main(given: Sequence[str]) -> int:
    """Measures, prints the page, and writes it where told."""
    parser = argparse.ArgumentParser(prog="nox -s bench-serving --", description=__doc__, allow_abbrev=False)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="default: 5")
    parser.add_argument("--seconds", type=float, default=4.0, metavar="S", help="of each load (default: 4)")
    parser.add_argument("--quick", action="store_true", help="one round of a second each: half a minute")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the page to this file, too")
    options = parser.parse_args(given)
    rounds, seconds = (1, 1.0) if options.quick else (options.rounds, options.seconds)
    page = report(run(rounds, seconds), about(rounds, seconds))
    print(page)
    if options.output is not None:
        options.output.write_text(page, encoding="utf-8")
    return 0


def run(rounds: int, seconds: float) -> dict[tuple[Load, str], list[Measurement]]:
    """Every way under every load, in turns: what disturbs one disturbs them all."""
    results: dict[tuple[Load, str], list[Measurement]] = {}
    with contextlib.ExitStack() as stack:
        redis_process, port = stack.enter_context(filled_redis())
        ways = servers(stack, port)
        for load in LOADS:
            for way in ways:
                measure(way, redis_process, load, min(seconds, 0.5))
            for _ in range(rounds):
                for way in ways:
                    found = measure(way, redis_process, load, seconds)
                    results.setdefault((load, way.name), []).append(found)
                    print(f"{load}: {way.name}: {found.server_us:.0f} µs", file=sys.stderr, flush=True)
    return results


def about(rounds: int, seconds: float) -> list[str]:
    """What the figures hang on."""
    revision = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    load = psutil.getloadavg()[0]
    return [
        f"run: {datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {rounds} rounds of {seconds:g} s, "
        f"revision {revision.stdout.strip()}",
        f"machine: {psutil.cpu_count()} cores, {platform.platform()}, load {load:.1f} at the end",
        f"software: CPython {platform.python_version()}, grpcio {grpc.__version__}",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
