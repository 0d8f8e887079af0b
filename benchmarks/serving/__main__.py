"""What a request costs: our service beside a handler that does nothing, redis-py, Go, Feast, and Redis itself.

    nox -s bench-serving
    nox -s bench-serving -- --quick
    nox -s bench-serving -- --soak --output benchmarks/results/serving.md

The ways take turns in one run, asked by one load generator. On a busy machine rates and latencies say little; CPU time
for each request says more.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterable
from typing import Any

import grpc
from featuremill_local.cache import SetupError
from featuremill_local.environments import process_environment
from featuremill_local.progress import Progress
from featuremill_local.redis_server import RedisServer
from featuremill_local.runs import Run, new_run

from benchmarks.program import machine, new_parser, parse, positive, run_benchmark
from benchmarks.serving.measure import LoadGenerator, measure
from benchmarks.serving.report import report
from benchmarks.serving.results import Results
from benchmarks.serving.shapes import ENTITIES, LOADS, fields, registry
from benchmarks.serving.soak import SHARE, full_load, soak
from benchmarks.serving.ways import OURS, PATH, WAYS, Running, Way, start

WARM_UP_SECONDS = 0.5


def arguments(given: Iterable[str]) -> argparse.Namespace:
    """The command line."""
    parser = new_parser("bench-serving", __doc__, "one round: three minutes")
    parser.add_argument("--rounds", type=positive, metavar="N", help="default: 8; quick: 1")
    parser.add_argument("--seconds", type=positive, metavar="N", default=1, help="of each load in a round (default: 1)")
    parser.add_argument(
        "--ways", metavar="NAME,...", help=f"only these of: {', '.join(way.short for way in WAYS)} (default: all)"
    )
    parser.add_argument("--soak", action="store_true", help=f"then {SHARE * 100:.0f} %% of the full load for long")
    parser.add_argument("--soak-seconds", type=positive, default=600, metavar="N", help="so long (default: 600)")
    parsed = parse(parser, given, {"rounds": 8}, {"rounds": 1})
    named = {way.short: way for way in WAYS}
    wanted = list(named) if parsed.ways is None else parsed.ways.split(",")
    for name in wanted:
        if name not in named:
            parser.error(f"--ways: there is no way {name!r}")
    parsed.ways = [way for way in WAYS if way.short in wanted]
    return parsed


def main(given: list[str]) -> int:
    """Run everything, print the report, and write it if asked to. One that ends early reports what it has measured."""
    wanted = arguments(given)
    results = Results()

    def measure_all(progress: Progress) -> None:
        with new_run("bench-serving") as run:
            run_all(run, progress, wanted, results)

    def page(seconds: float, ended_early: str | None) -> str | None:
        if not results.measured:
            return None
        software = f"CPython {platform.python_version()}, grpcio {grpc.__version__}"
        about = machine(seconds, software) | {"rounds": f"{wanted.rounds} of {wanted.seconds} s for each load and way"}
        return report(results, about, ended_early)

    return run_benchmark(measure_all, page, wanted.output)


def run_all(run: Run, progress: Progress, wanted: argparse.Namespace, results: Results) -> None:
    """Every way under every load in every round; the results are filled in on the way."""
    with progress.step("Redis, and the load generator"):
        redis = RedisServer(run.processes, run.ports)
        redis.start()
        fill(redis)
        command = [sys.executable, "-m", "benchmarks.serving.client"]
        env = process_environment("tool") | {"PYTHONPATH": PATH}
        generator = LoadGenerator(run.processes.start("client", command, env=env, converse=True), run.data)
    running = start_all(run, progress, wanted.ways, redis, results)
    assert redis.process is not None
    for load in LOADS:
        for each in running:
            with progress.step(f"warm-up: {load}: {each.way.name}"):
                generator.drive(each, load, WARM_UP_SECONDS)
    for number in range(1, wanted.rounds + 1):
        # now forwards, now backwards: who comes before whom is to make no difference
        in_turn = running if number % 2 else running[::-1]
        for load in LOADS:
            for each in in_turn:
                with progress.step(f"round {number} of {wanted.rounds}: {load}: {each.way.name}") as step:
                    found = measure(generator, each, redis.process, load, wanted.seconds)
                    results.add(load, each.way, found)
                    step.note = f"{found.server_us:.0f} µs"
    ours = next((each for each in running if each.way is OURS), None)
    if wanted.soak and ours is not None:
        with progress.step("soak: the full load"):
            results.soak_rate = SHARE * full_load(generator, ours, redis.process)
        with progress.step(f"soak: {results.soak_rate:,.0f} requests/s for {wanted.soak_seconds} s"):
            for sample in soak(generator, ours, redis.process, results.soak_rate, wanted.soak_seconds):
                results.soak.append(sample)


def start_all(run: Run, progress: Progress, ways: Iterable[Way], redis: RedisServer, results: Results) -> list[Running]:
    """All ways that this machine can run; of the others the results get the reason."""
    running = []
    for way in ways:
        with progress.step(way.name) as step:
            try:
                running.append(start(run, way, redis))
            except SetupError as error:
                results.missing[way] = str(error).partition("\n")[0]
                step.note = "left out"
    return running


def fill(redis: RedisServer) -> None:
    """The entities and the registry."""
    pipe = redis.client().pipeline(transaction=False)
    for entity in range(ENTITIES):
        pipe.hset(f"user:{entity}", mapping=dict[Any, Any](fields(entity)))
    pipe.set("@registry", registry())
    pipe.execute()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
