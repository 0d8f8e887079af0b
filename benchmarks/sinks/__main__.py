"""The Redis sink beside other ways to write the same rows: how fast, at what cost, and how soon a reader sees them.

    nox -s bench-sinks
    nox -s bench-sinks -- --quick
    nox -s bench-sinks -- --output benchmarks/results/sinks.md

The ways take turns in one run, on one Flink and one Redis, which is emptied before each. On a busy machine rates say
little; CPU time for each row says more.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterable, Mapping

from featuremill_local.java import find_java
from featuremill_local.progress import Progress

from benchmarks.program import CORES, machine, new_parser, parse, positive, run_benchmark
from benchmarks.sinks.cluster import Cluster, new_cluster
from benchmarks.sinks.data import Data, Part
from benchmarks.sinks.measure import measure, ping_ms
from benchmarks.sinks.memory import measure_memory
from benchmarks.sinks.report import Setting, report
from benchmarks.sinks.results import Results
from benchmarks.sinks.streaming import measure_latency
from benchmarks.sinks.variants import FILES, LIMITS, TINY_SHARE, VARIANTS, Load

# so that even the smallest file has rows
FEWEST_ROWS = FILES * TINY_SHARE * 100


def arguments(given: Iterable[str]) -> argparse.Namespace:
    """The command line."""
    parser = new_parser("bench-sinks", __doc__, "a tenth of the rows, one round: four minutes")
    parser.add_argument("--rows", type=positive, metavar="N", help="in all rounds (default: 3,000,000; quick: 300,000)")
    parser.add_argument(
        "--rounds", type=positive, metavar="N", help="each writes its share of the rows (default: 3; quick: 1)"
    )
    parser.add_argument(
        "--streaming-seconds", type=positive, metavar="N", help="how long rows come (default: 30; quick: 15)"
    )
    whole = {"rows": 3_000_000, "rounds": 3, "streaming_seconds": 30}
    parsed = parse(parser, given, whole, {"rows": 300_000, "rounds": 1, "streaming_seconds": 15})
    if parsed.rows < parsed.rounds * FEWEST_ROWS:
        parser.error(f"--rows must be at least {FEWEST_ROWS:,} for each round")
    return parsed


def main(given: list[str]) -> int:
    """Run everything, print the report, and write it if asked to. One that ends early reports what it has measured."""
    wanted = arguments(given)
    results = Results()

    def measure_all(progress: Progress) -> None:
        with new_cluster(progress) as cluster:
            run(cluster, progress, wanted, results)

    def page(seconds: float, ended_early: str | None) -> str | None:
        if not results.measured:
            return None
        setting = Setting(machine(seconds, results.versions), wanted.rounds, wanted.rows, ended_early)
        return report(results, setting)

    return run_benchmark(measure_all, page, wanted.output)


def run(cluster: Cluster, progress: Progress, wanted: argparse.Namespace, results: Results) -> None:
    """Every variant in every round, then memory and latency; the results are filled in on the way."""
    data = Data(cluster.run.data / "rows", wanted.rows, wanted.rounds)
    with progress.step(f"{wanted.rows:,} rows as Parquet"):
        data.write(cluster.run.processes)
    warm_up(cluster, progress, data.rounds[0])
    results.versions = versions(cluster)
    results.pings = (ping_ms(cluster.redis.client()), ping_ms(cluster.proxy_client()))
    for number, parts in enumerate(data.rounds, start=1):
        for variant in VARIANTS:
            with progress.step(f"round {number} of {wanted.rounds}: {variant.title}") as step:
                measured = measure(cluster, variant, parts[variant.load])
                results.add(variant, measured)
                step.note = f"{measured.rate:,.0f}/s, {measured.flink_us:.1f} + {measured.redis_us:.1f} µs"
    with progress.step(f"memory: {data.whole.rows:,} rows with the guard"):
        results.growth = measure_memory(cluster, data.whole, CORES)
    with progress.step("latency: Kafka to a reader of Redis") as step:
        results.latency = measure_latency(cluster, max(5, wanted.streaming_seconds // 3), wanted.streaming_seconds)
        step.note = f"p99 {results.latency.p99:.0f} ms"


def warm_up(cluster: Cluster, progress: Progress, parts: Mapping[Load, Part]) -> None:
    """Run each of Flink's ways once, so that no measurement pays for compiling its code."""
    for variant in VARIANTS:
        if variant.way not in LIMITS and variant.parallelism == CORES and not variant.delayed:
            with progress.step(f"warm-up: {variant.title}"):
                measure(cluster, variant, parts[variant.load])


def versions(cluster: Cluster) -> str:
    """What is measured on."""
    server = cluster.redis.client().info("server")
    name = server.get("server_name", "redis")
    flink = cluster.embedded.flink.get("/overview")["flink-version"]
    return (
        f"Flink {flink}, Java {find_java().release}, {name} {server.get(f'{name}_version', server['redis_version'])},"
        f" CPython {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
