"""What the benchmarks' command lines share: how one ends early, what is said of the machine, and the report's file."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from featuremill_local.cache import SetupError
from featuremill_local.endings import TERMINATED, end_with_parent, exit_on_sigterm
from featuremill_local.helpers import end_helpers
from featuremill_local.places import REPOSITORY
from featuremill_local.processes import PartError
from featuremill_local.progress import Progress
from rich.console import Console

CORES = 2


class WrongRowsError(Exception):
    """What was written is not what was to be written."""


def run_benchmark(
    measure: Callable[[Progress], None],
    page: Callable[[float, str | None], str | None],
    output: Path | None,
) -> int:
    """Measure, print the page and write it to `output`; the exit code.

    `page` gets how many seconds it took, and why it ended early if it did: then it reports what was measured before, or
    gives None where nothing was.
    """
    use_two_cores()
    exit_on_sigterm()
    end_with_parent()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    began = time.monotonic()
    ended_early = None
    code = 0
    try:
        with Progress(console) as progress:
            measure(progress)
    except (PartError, SetupError, WrongRowsError) as error:
        console.print(f"error: {error}", markup=False, soft_wrap=True)
        ended_early, code = "it ended with an error", 1
    except KeyboardInterrupt:
        ended_early, code = "it was interrupted", 130
    except SystemExit:
        ended_early, code = "it was told to end", TERMINATED
    finally:
        end_helpers()
    made = page(time.monotonic() - began, ended_early)
    if made is None:
        console.print("ended before anything was measured")
        return code
    console.print(f"\n{made}", markup=False, soft_wrap=True)
    if output is not None:
        output.write_text(made, encoding="utf-8")
    return code


def positive(text: str) -> int:
    """A whole number above 0, `3_000_000` for example."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be above 0")
    return number


def new_parser(name: str, doc: str | None, quick: str) -> argparse.ArgumentParser:
    """The command line of `nox -s NAME`, told by a module's first line: --quick, which is `quick`, and --output."""
    about = (doc or "").partition("\n\n")[0]
    parser = argparse.ArgumentParser(prog=f"nox -s {name} --", description=about, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the report to this file, too")
    return parser


def parse(
    parser: argparse.ArgumentParser, given: Iterable[str], whole: Mapping[str, object], quick: Mapping[str, object]
) -> argparse.Namespace:
    """The arguments; those that aren't given are as in `whole`, with --quick as in `quick` where that has them.

    Ends with a usage error where the page could not be written at the end.
    """
    parsed = parser.parse_args(list(given))
    for name, value in {**whole, **(quick if parsed.quick else {})}.items():
        if getattr(parsed, name) is None:
            setattr(parsed, name, value)
    if parsed.output is not None and not parsed.output.parent.is_dir():
        parser.error(f"--output: there is no folder {parsed.output.parent}")
    return parsed


def use_two_cores() -> None:
    """Keep this process and all that it starts on two cores, where the system can do so: the figures are for two."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def machine(seconds: float, software: str) -> dict[str, str]:
    """Where and with what a run was made: label → text."""
    revision = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=REPOSITORY, capture_output=True, text=True
    ).stdout.strip()
    return {
        "run": f"{time.strftime('%Y-%m-%d')}, {seconds / 60:.0f} minutes, revision {revision or 'unknown'}",
        "machine": f"{processor()}, {CORES} cores used of {os.cpu_count()}, {platform.platform()}",
        "software": software,
    }


def processor() -> str:
    """The processor's name, as far as the system tells."""
    try:
        found = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    except OSError:
        found = []
    return found[0].partition(":")[2].strip() if found else platform.machine()


def partial(ended_early: str | None, what_is_missing: str) -> list[str]:
    """What marks a page that is not whole."""
    if ended_early is None:
        return []
    return [
        f"**This report is partial: {ended_early}.** It has what was measured before; targets whose figures are"
        f" missing are left out{what_is_missing}."
    ]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
