"""`nox -s schedule`: what a scheduler runs for the batches, and the packages that it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.package import build_package
from featuremill_codegen.schedule.files import Written, write_schedule
from featuremill_codegen.schedule.scheduled import find_batches
from rich.console import Console
from rich.text import Text

from featuremill_local.connector import build_connector

NEXT = {
    "airflow": "put these files, and no old ones, into the folder of Airflow's DAGs",
    "dolphinscheduler": "run these files, in this order, with the Python that has DolphinScheduler's SDK",
}


@dataclass(frozen=True)
class Options:
    """The pipelines (all batches of the folder `root` without one), and for which schedulers.

    Packages are built into `dist`; the schedulers' files go to `output`, by default dist/schedule.
    """

    pipelines: Sequence[str]
    schedulers: Sequence[str]
    root: Path
    dist: Path
    output: Path | None = None


def run_schedule(options: Options, console: Console) -> int:
    """Write the files, print which, and what comes next; exit code 0. Raises what finding and building raise."""
    batches = find_batches(options.root, list(options.pipelines))
    if not batches.chosen:
        console.print(Text("there is no batch, so there is nothing to schedule"))
    scheduled = []
    for pipeline in batches.chosen:
        package = build_package(pipeline.folder, options.dist, build_connector().pin)
        console.print(Text(f"package {package.path}"))
        scheduled.append(batches.scheduled(pipeline, package.version))
    output = options.output if options.output is not None else options.dist / "schedule"
    for scheduler in options.schedulers:
        _say(write_schedule(scheduler, scheduled, batches.names, output), console)
    if batches.twins and not options.pipelines:
        console.print(Text(f"left out, since twins are only compared: {', '.join(batches.twins)}"))
    if scheduled:
        console.print(Text(f"next: bring {options.dist} to the machines on which the scheduler runs commands", "dim"))
    return 0


def _say(written: Written, console: Console) -> None:
    for path in written.files:
        console.print(Text(f"wrote {path}"))
    for path in written.removed:
        console.print(
            Text(f"removed {path}: there is no such batch any more; the scheduler has it until you delete it")
        )
    if written.files:
        console.print(Text(f"next: {NEXT[written.scheduler]}", "dim"))
