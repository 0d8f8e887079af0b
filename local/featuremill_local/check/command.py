"""`nox -s check`: asks the planner about pipelines, once or whenever one of them changes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.collection import list_pipelines
from featuremill_codegen.errors import PipelineError, UsageError
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.pipeline import Pipeline, load_pipeline
from rich.console import Console

from featuremill_local.check.both_engines import engines_of
from featuremill_local.check.checking import Checked, check_pipeline
from featuremill_local.check.engines import NAMES, Engine
from featuremill_local.check.machine_report import as_document
from featuremill_local.check.report import show_plan, summary
from featuremill_local.check.waiting import Waiting
from featuremill_local.check.watching import Watched
from featuremill_local.places import PIPELINES
from featuremill_local.processes import PartError
from featuremill_local.runs import new_run

POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Options:
    """What to say and where: `format` is `text` or `json`; plans go into the folder `plans`."""

    format: str = "text"
    plans: Path | None = None
    watch: bool = False
    pipelines: Path = PIPELINES


def run_check(names: Sequence[str], options: Options, console: Console, errors: Console) -> int:
    """Check these pipelines, or all; the exit code: 0 nothing found, 1 a finding. Raises UsageError.

    With `watch` it goes on with what changes until it is interrupted.
    """
    chosen = choose(names, options.pipelines)
    watched = Watched(options.pipelines)
    with new_run("check") as run:
        with Waiting(errors) as waiting:
            waiting.now("getting the planner's jars ready")
            engine = engines_of(run)
            watched.changed(chosen)
            pipelines = loadable(chosen, options.pipelines)
            engine.start(pipelines)
            starting = " and of ".join(sorted({NAMES[each.mode] for each in pipelines}))
            waiting.now(f"starting the planner of {starting}")
            with suppress(PartError):  # said of each pipeline that needs it: the others are checked
                engine.wait_until_ready()
            checked = check_all(chosen, engine, options, waiting.now)
        show(checked, options, console, errors)
        if options.watch:
            _watch(names, watched, engine, options, console, errors)
    return 1 if any(each.findings for each in checked) else 0


def _watch(
    names: Sequence[str], watched: Watched, engine: Engine, options: Options, console: Console, errors: Console
) -> None:
    """Check pipelines again, each as soon as its files have changed, until an interruption."""
    errors.print("watching; Ctrl-C ends it")
    while True:
        changed = watched.changed([*names] or list_pipelines(options.pipelines))
        if changed:
            with Waiting(errors) as waiting:
                checked = check_all(changed, engine, options, waiting.now)
            show(checked, options, console, errors)
        time.sleep(POLL_SECONDS)


def choose(names: Sequence[str], root: Path) -> list[str]:
    """The pipelines of these names, all without one. Raises UsageError for a name that there isn't."""
    known = list_pipelines(root)
    for name in names:
        if name not in known:
            help = did_you_mean(name, known)
            raise UsageError(f"There is no pipeline `{name}`." + (f"\nhelp: {help}" if help else ""))
    return list(dict.fromkeys(names)) or known


def loadable(names: Sequence[str], root: Path) -> list[Pipeline]:
    """Those of the pipelines that can be loaded."""
    found = []
    for name in names:
        try:
            found.append(load_pipeline(root / name))
        except PipelineError:
            pass  # checking it says why
    return found


def check_all(names: Sequence[str], engine: Engine, options: Options, say: Callable[[str], None]) -> list[Checked]:
    """Check one pipeline after the other, and write the plans that are asked for."""
    checked = []
    for number, name in enumerate(names, start=1):
        say(f"{name} ({number} of {len(names)})")
        found = check_pipeline(options.pipelines / name, engine)
        if options.plans is not None and found.plan:
            options.plans.mkdir(parents=True, exist_ok=True)
            suffix = "txt" if found.batch is not None else "json"
            (options.plans / f"{name}.{suffix}").write_text(found.plan.rstrip() + "\n", encoding="utf-8")
        checked.append(found)
    return checked


def show(checked: Sequence[Checked], options: Options, console: Console, errors: Console) -> None:
    """Print what was found, and the plans; a summary to stderr."""
    if options.format == "json":
        print(as_document(checked))
    else:
        for each in checked:
            for finding in each.findings:
                print(finding.render(color=console.is_terminal), end="\n\n")
            show_plan(each, console)
            sys.stdout.flush()
    errors.print(summary(checked))
