"""Where the seconds of a local run go: each part's begin and end, over several runs, with the CPU seconds of all of it.

    nox -s bench-local -- --runs 5 --pipeline airport_departure_delay

Wall time on a busy machine says little: compare runs of one machine, and look at the CPU time. Results are printed,
and kept with the machine's description by --output.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.embedded import Embedded
from featuremill_local.places import PIPELINES
from featuremill_local.progress import Progress, Step
from featuremill_local.runs import new_run
from featuremill_local.sample import read_sample
from featuremill_local.whole_way import StreamWay
from rich import box
from rich.console import Console
from rich.table import Table


def main(arguments: list[str]) -> int:
    """Run, print the table, and write the results if asked to."""
    parser = argparse.ArgumentParser(prog="bench-local", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--pipeline", default="airport_departure_delay")
    parser.add_argument("--runs", type=int, default=3, help="the first one only warms the caches up (default: 3)")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="append the results to a file, a JSON object a line"
    )
    given = parser.parse_args(arguments)

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    runs = [one_run(given.pipeline, console) for _ in range(max(given.runs, 2))][1:]
    print_steps(runs, console)
    if given.output is not None:
        result = {
            "benchmark": "local_run",
            "pipeline": given.pipeline,
            "machine": f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}",
            "at": time.strftime("%Y-%m-%d"),
            "runs": [
                {"wall_s": run.wall, "cpu_s": run.cpu, "steps": {step.name: step.seconds for step in run.steps}}
                for run in runs
            ],
        }
        with given.output.open("a") as output:
            output.write(json.dumps(result) + "\n")
    return 0


class Measured:
    """One run: its steps, its wall seconds, and the CPU seconds of this process and all that it started."""

    def __init__(self, steps: list[Step], wall: float, cpu: float) -> None:
        self.steps = steps
        self.wall = wall
        self.cpu = cpu


def one_run(name: str, console: Console) -> Measured:
    """Run the pipeline the whole way once."""
    before, started = cpu_seconds(), time.monotonic()
    pipeline = load_pipeline(PIPELINES / name)
    sample = read_sample(pipeline)
    with new_run(name) as run, Progress(Console(file=open(os.devnull, "w"))) as progress:
        StreamWay(pipeline, sample, Embedded(run), run, progress).go()
        wall = time.monotonic() - started
    cpu = cpu_seconds() - before
    console.print(f"{wall:5.1f} s wall, {cpu:5.1f} s CPU")
    return Measured(progress.steps, wall, cpu)


def cpu_seconds() -> float:
    """User and system seconds of this process and of its children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def print_steps(runs: list[Measured], console: Console) -> None:
    """Medians, in the order in which the steps begin."""
    table = Table(box=box.ROUNDED, title=f"median of {len(runs)} warm runs", title_justify="left")
    for column in ("step", "begins", "takes", ""):
        table.add_column(column, justify="left" if column in ("step", "") else "right")
    wall = statistics.median(run.wall for run in runs)
    for step in sorted(runs[0].steps, key=lambda step: step.began):
        same = [other for run in runs for other in run.steps if other.name == step.name]
        began = statistics.median(other.began for other in same)
        took = statistics.median(other.seconds for other in same)
        bar = " " * round(40 * began / wall) + "█" * max(1, round(40 * took / wall))
        table.add_row(step.name, f"{began:.1f} s", f"{took:.1f} s", bar)
    console.print(table)
    cpu = statistics.median(run.cpu for run in runs)
    console.print(f"{wall:.1f} s wall, {cpu:.1f} s CPU: {cpu / wall:.2f} cores busy on average")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
