"""`nox -s coverage`: what of the pipelines' queries no golden case exercises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.pipeline import Pipeline, load_pipeline
from rich.console import Console

from featuremill_local.cases.command import TIME_LIMIT_SECONDS
from featuremill_local.cases.engine import CaseError
from featuremill_local.cases.engines import CaseEngine, Engines, kinds_of
from featuremill_local.cases.reading import Case, read_cases
from featuremill_local.connector import build_connector
from featuremill_local.coverage.columns import column_items, feature_items
from featuremill_local.coverage.items import Exercised
from featuremill_local.coverage.looking import Looking
from featuremill_local.coverage.looks import probes_of
from featuremill_local.coverage.report import print_text, to_json
from featuremill_local.environments import environment
from featuremill_local.places import PIPELINES
from featuremill_local.progress import Progress
from featuremill_local.runs import Run, new_run


@dataclass(frozen=True)
class Options:
    """`format` is `text` or `json`; below `fail_under` percent the exit code is 1; `seconds` is for a case."""

    format: str = "text"
    fail_under: float = 0.0
    seconds: float = TIME_LIMIT_SECONDS
    pipelines: Path = PIPELINES


def run_coverage(names: Sequence[str], options: Options, console: Console, errors: Console) -> int:
    """Look at the cases of these pipelines; the exit code: 0, or 1 where a pipeline is below what is asked for.

    Raises UsageError and PipelineError for what is wrong in the files or in what was asked, PartError where Flink or
    Spark can't be started.
    """
    chosen = [
        (pipeline, read_cases(pipeline)) for pipeline in (load_pipeline(options.pipelines / name) for name in names)
    ]
    with new_run("coverage") as run, Progress(console if options.format == "text" else errors) as progress:
        engines = _engines(run, [pipeline for pipeline, _ in chosen], progress)
        exercised = []
        for pipeline, cases in chosen:
            with progress.step(pipeline.name) as step:
                folder = run.data / "coverage" / pipeline.name
                found = _look(engines.of(pipeline), pipeline, cases, options.seconds, folder)
                step.note = f"{found.percent:.1f} %"
            exercised.append(found)
    if options.format == "json":
        print(to_json(exercised), file=console.file)
    else:
        console.print()
        print_text(exercised, console, color=console.is_terminal)
    below = [each.pipeline for each in exercised if each.percent < options.fail_under]
    if below:
        errors.print(f"below {options.fail_under:g} %: {', '.join(below)}")
    return 1 if below else 0


def _engines(run: Run, pipelines: Sequence[Pipeline], progress: Progress) -> Engines:
    kinds = kinds_of(pipelines)
    with progress.step("connector"):
        engines = Engines(pipelines, run, build_connector())
    for kind in kinds:
        with progress.step(f"{kind.environment} environment"):
            environment(kind.environment)
    with progress.step(" and ".join(kind.name for kind in kinds)):
        engines.start()
    return engines


def _look(engine: CaseEngine, pipeline: Pipeline, cases: Sequence[Case], seconds: float, folder: Path) -> Exercised:
    probes, unknown = probes_of(pipeline)
    items = [item for probe in probes for look in probe.looks for item in look.items]
    looking = Looking(engine, pipeline, probes, folder)
    notes: list[str] = []
    try:
        looking.prepare(seconds)
        notes = [note for note in (looking.look(case, seconds) for case in cases) if note]
    except CaseError as error:
        notes = [f"its query could not be looked at: {error}"]
        for item in items:
            item.unknown = "the query could not be looked at"
    everything = [*column_items(pipeline, cases), *feature_items(pipeline, cases), *items, *unknown]
    everything.sort(key=lambda item: (item.place.path, item.place.line, item.place.column))
    return Exercised(pipeline.name, len(cases), everything, notes)
