"""What batches cost: Parquet to Redis beside the limit, HiveQL over ever more flights, Spark's start in a daily run.

    nox -s bench-batch
    nox -s bench-batch -- --quick
    nox -s bench-batch -- --output benchmarks/results/batch.md
    nox -s bench-batch -- --part query --part daily

On a busy machine rates say little; CPU time for each row says more.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterable, Mapping

from featuremill_local.environments import packages_of, python
from featuremill_local.java import find_java
from featuremill_local.progress import Progress
from featuremill_local.runs import new_run

from benchmarks.batch.daily import measure_daily
from benchmarks.batch.ingestion import VARIANTS, measure_ingestion, measure_variant
from benchmarks.batch.query import measure_query, package_of, write_tables
from benchmarks.batch.report import Setting, report
from benchmarks.batch.results import Results
from benchmarks.program import CORES, machine, new_parser, parse, positive, run_benchmark
from benchmarks.sinks.__main__ import FEWEST_ROWS
from benchmarks.sinks.__main__ import versions as versions_of
from benchmarks.sinks.cluster import new_cluster
from benchmarks.sinks.data import Data
from benchmarks.sinks.variants import Load

FEWEST_FLIGHTS = 280_000


def arguments(given: Iterable[str]) -> argparse.Namespace:
    """The command line."""
    parser = new_parser("bench-batch", __doc__, "a tenth of everything, one round")
    parser.add_argument("--rows", type=positive, metavar="N", help="for Redis (default: 3,000,000; quick: 300,000)")
    parser.add_argument("--flights", type=positive, metavar="N", help="default: 10,000,000; quick: 1,000,000")
    parser.add_argument("--rounds", type=positive, metavar="N", help="default: 2; quick: 1")
    parser.add_argument(
        "--part", action="append", choices=PARTS, help="only this one; may stand several times (default: all)"
    )
    whole = {"rows": 3_000_000, "flights": 10_000_000, "rounds": 2, "part": list(PARTS)}
    parsed = parse(parser, given, whole, {"rows": 300_000, "flights": 1_000_000, "rounds": 1})
    if parsed.rows < parsed.rounds * FEWEST_ROWS:
        parser.error(f"--rows must be at least {FEWEST_ROWS:,} for each round")
    if parsed.flights < FEWEST_FLIGHTS:
        parser.error(f"--flights must be at least {FEWEST_FLIGHTS:,}")
    return parsed


def main(given: list[str]) -> int:
    """Run it all, print the report, and write it if asked to. One that ends early reports what it has measured."""
    wanted = arguments(given)
    results = Results()

    def page(seconds: float, ended_early: str | None) -> str | None:
        if results.is_empty:
            return None
        software = ", ".join(results.software or [f"Java {find_java().release}, CPython {platform.python_version()}"])
        return report(results, Setting(machine(seconds, software), wanted.rounds, ended_early))

    return run_benchmark(lambda progress: run(progress, wanted, results), page, wanted.output)


def run(progress: Progress, wanted: argparse.Namespace, results: Results) -> None:
    """The parts that are wanted, one after the other; the results are filled in on the way."""
    for part in dict.fromkeys(wanted.part):
        PARTS[part](progress, wanted, results)


def run_query(progress: Progress, wanted: argparse.Namespace, results: Results) -> None:
    """A day over each number of flights."""
    (spark,) = packages_of(python("spark")).glob("pyspark-*.dist-info")
    results.software.append(f"Spark {spark.name.removeprefix('pyspark-').removesuffix('.dist-info')}")
    with new_run("bench-batch") as run:
        with progress.step(f"{wanted.flights:,} flights as text"):
            tables = write_tables(run.data / "tables", wanted.flights)
            package = package_of(run)
        for number in range(1, wanted.rounds + 1):
            for rows, flights in sorted(tables.items()):
                with progress.step(f"round {number} of {wanted.rounds}: HiveQL over {rows:,} flights") as step:
                    target = run.data / "feature_source" / f"{number}-{rows}"
                    query = measure_query(run, package, flights, rows, target)
                    results.add_query(query)
                    step.note = f"{query.seconds:.1f} s, {query.cpu:.1f} s of CPU"


def run_ingestion(progress: Progress, wanted: argparse.Namespace, results: Results) -> None:
    """The ingestion job beside the limit, round by round, and once over all rows."""
    with new_cluster(progress, "bench-batch", CORES) as cluster:
        results.software.append(versions_of(cluster))
        data = Data(cluster.run.data / "rows", wanted.rows, wanted.rounds)
        with progress.step(f"{wanted.rows:,} rows as Parquet"):
            data.write(cluster.run.processes)
        with progress.step("warm-up"):
            measure_ingestion(cluster, data.rounds[0][Load.FIFTH])
        for number, parts in enumerate(data.rounds, start=1):
            for variant in VARIANTS:
                with progress.step(f"round {number} of {wanted.rounds}: {variant.title}") as step:
                    measured = measure_variant(cluster, variant, parts[variant.load])
                    results.ingestion.add(variant, measured)
                    step.note = f"{measured.rate:,.0f}/s, {measured.flink_us:.1f} + {measured.redis_us:.1f} µs"
        with progress.step(f"one job over {data.whole.rows:,} rows") as step:
            results.whole = measure_ingestion(cluster, data.whole)
            step.note = f"{results.whole.rate:,.0f}/s"


def run_daily(progress: Progress, wanted: argparse.Namespace, results: Results) -> None:
    """Daily runs, whole; the first may find files that aren't in the machine's memory, so it doesn't count."""
    with progress.step("a daily run, to warm up"):
        measure_daily()
    for number in range(1, wanted.rounds + 1):
        with progress.step(f"round {number} of {wanted.rounds}: a daily run") as step:
            daily = measure_daily()
            results.daily.append(daily)
            step.note = f"{daily.whole:.1f} s, Spark {daily.spark:.1f} s, the day {daily.day:.1f} s"


PARTS: Mapping[str, Callable[[Progress, argparse.Namespace, Results], None]] = {
    "query": run_query,
    "daily": run_daily,
    "ingestion": run_ingestion,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
