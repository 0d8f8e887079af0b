"""The Redis sink beside other ways to write the same rows: how fast, at what cost, and how soon a reader sees them.

    nox -s bench-sinks
    nox -s bench-sinks -- --quick
    nox -s bench-sinks -- --output benchmarks/results/sinks.md

The ways take turns in one run, on one Flink and one Redis, which is emptied before each. On a busy machine rates say
little; CPU time for each row says more.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from featuremill_local.cache import SetupError
from featuremill_local.endings import TERMINATED, end_with_parent, exit_on_sigterm
from featuremill_local.helpers import end_helpers
from featuremill_local.java import find_java
from featuremill_local.places import REPOSITORY
from featuremill_local.processes import PartError
from featuremill_local.progress import Progress
from rich.console import Console

from benchmarks.sinks.cluster import Cluster, new_cluster
from benchmarks.sinks.data import Data, Part
from benchmarks.sinks.measure import WrongRowsError, measure, ping_ms
from benchmarks.sinks.memory import measure_memory
from benchmarks.sinks.report import Setting, report
from benchmarks.sinks.results import CORES, Results
from benchmarks.sinks.streaming import measure_latency
from benchmarks.sinks.variants import FILES, LIMITS, TINY_SHARE, VARIANTS, Load

# so that even the smallest file has rows
FEWEST_ROWS = FILES * TINY_SHARE * 100


def arguments(given: Iterable[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="nox -s bench-sinks --", description=(__doc__ or "").partition("\n\n")[0], allow_abbrev=False
    )
    parser.add_argument("--rows", type=positive, metavar="N", help="in all rounds (default: 3,000,000; quick: 300,000)")
    parser.add_argument(
        "--rounds", type=positive, metavar="N", help="each writes its share of the rows (default: 3; quick: 1)"
    )
    parser.add_argument(
        "--streaming-seconds", type=positive, metavar="N", help="how long rows come (default: 30; quick: 15)"
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, one round: four minutes")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the report to this file, too")
    parsed = parser.parse_args(list(given))
    defaults = {"rows": 300_000, "rounds": 1, "streaming_seconds": 15}
    if not parsed.quick:
        defaults = {"rows": 3_000_000, "rounds": 3, "streaming_seconds": 30}
    for name, value in defaults.items():
        if getattr(parsed, name) is None:
            setattr(parsed, name, value)
    if parsed.rows < parsed.rounds * FEWEST_ROWS:
        parser.error(f"--rows must be at least {FEWEST_ROWS:,} for each round")
    if parsed.output is not None and not parsed.output.parent.is_dir():
        parser.error(f"--output: there is no folder {parsed.output.parent}")
    return parsed


def positive(text: str) -> int:
    """A whole number above 0, `3_000_000` for example."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be above 0")
    return number


def main(given: list[str]) -> int:
    """Run everything, print the report, and write it if asked to. One that ends early reports what it has measured."""
    wanted = arguments(given)
    use_two_cores()
    exit_on_sigterm()
    end_with_parent()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    began = time.monotonic()
    results = Results()
    ended_early = None
    code = 0
    try:
        with Progress(console) as progress, new_cluster(progress) as cluster:
            run(cluster, progress, wanted, results)
    except (PartError, SetupError, WrongRowsError) as error:
        console.print(f"error: {error}", markup=False, soft_wrap=True)
        ended_early, code = "it ended with an error", 1
    except KeyboardInterrupt:
        ended_early, code = "it was interrupted", 130
    except SystemExit:
        ended_early, code = "it was told to end", TERMINATED
    finally:
        end_helpers()
    if not results.measured:
        console.print("ended before anything was measured")
        return code
    page = report(results, setting(wanted, results.versions, time.monotonic() - began, ended_early))
    console.print(f"\n{page}", markup=False, soft_wrap=True)
    if wanted.output is not None:
        wanted.output.write_text(page, encoding="utf-8")
    return code


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


def use_two_cores() -> None:
    """Keep this process and all that it starts on two cores, where the system can do so: the figures are for two."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def setting(wanted: argparse.Namespace, software: str, seconds: float, ended_early: str | None) -> Setting:
    """Where and with what this run was made, and why it is not whole."""
    revision = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=REPOSITORY, capture_output=True, text=True
    ).stdout.strip()
    lines = {
        "run": f"{time.strftime('%Y-%m-%d')}, {seconds / 60:.0f} minutes, revision {revision or 'unknown'}",
        "machine": f"{processor()}, {CORES} cores used of {os.cpu_count()}, {platform.platform()}",
        "software": software,
    }
    return Setting(lines, wanted.rounds, wanted.rows, ended_early)


def processor() -> str:
    """The processor's name, as far as the system tells."""
    try:
        found = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    except OSError:
        found = []
    return found[0].partition(":")[2].strip() if found else platform.machine()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
