"""`nox -s test-<pipeline>` and `nox -s cases`: runs golden cases and shows where they differ."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from featuremill_codegen.errors import UsageError
from featuremill_codegen.pipeline import Pipeline, load_pipeline
from rich.console import Console
from rich.text import Text

from featuremill_local.cases.difference import Difference, along_the_way, at_the_end
from featuremill_local.cases.engine import CaseError, Engine
from featuremill_local.cases.expectation import CHANGELOG, EXPECTED, write_expectation
from featuremill_local.cases.outcome import Outcome
from featuremill_local.cases.reading import Case, read_cases
from featuremill_local.cases.show import show_differences
from featuremill_local.connector import build_connector
from featuremill_local.display import counted
from featuremill_local.environments import environment
from featuremill_local.places import PIPELINES
from featuremill_local.progress import Progress
from featuremill_local.runs import new_run

TIME_LIMIT_SECONDS = 60.0
MOST_LETTERS = 3


@dataclass(frozen=True)
class Options:
    """What to run and how.

    `cases` are names, all where it is empty; with `update` what comes out becomes what is expected; `seconds` is what
    a case may take.
    """

    cases: Sequence[str] = ()
    update: bool = False
    seconds: float = TIME_LIMIT_SECONDS
    pipelines: Path = PIPELINES


@dataclass
class Result:
    """How a case went: what came out, what of it differs at the end and along the way, what was written.

    `error` says why nothing came out.
    """

    pipeline: Pipeline
    case: Case
    end: list[Difference] = field(default_factory=list)
    way: list[Difference] = field(default_factory=list)
    error: str = ""
    outcome: Outcome = field(default_factory=lambda: Outcome(()))
    written: list[Path] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether the case did not come out as expected."""
        return bool(self.error or self.end or self.way)


def run_cases(names: Sequence[str], options: Options, console: Console) -> int:
    """Run the cases of these pipelines; the exit code: 0 all as expected, 1 a difference or a job that failed.

    Raises UsageError and PipelineError for what is wrong in the files or in what was asked.
    """
    started = time.monotonic()
    chosen = _choose(names, options)
    with new_run(names[0] if len(names) == 1 else "cases") as run:
        with Progress(console) as progress:
            with progress.step("connector"):
                engine = Engine(run, build_connector())
            with progress.step("job environment"):
                environment("job")
            with progress.step("Flink"):
                engine.start()
                for pipeline in {id(pipeline): pipeline for pipeline, _ in chosen}.values():
                    engine.package(pipeline)
                engine.wait_until_ready()
            results = [_run(engine, pipeline, case, options, progress) for pipeline, case in chosen]
        for result in results:
            _report(result, console)
    _summary(results, time.monotonic() - started, options, console)
    return 1 if any(result.failed for result in results) else 0


def pipelines_with_cases(folder: Path) -> list[str]:
    """The names of the pipelines that have golden cases."""
    return sorted(path.parent.name for path in folder.glob("*/cases") if (path.parent / "feature.yaml").is_file())


def _choose(names: Sequence[str], options: Options) -> list[tuple[Pipeline, Case]]:
    chosen = []
    for name in names:
        pipeline = load_pipeline(options.pipelines / name)
        cases = read_cases(pipeline, options.cases, update=options.update)
        if not cases:
            file = f"pipelines/{name}/cases/<case>/{pipeline.tables[0].name}.jsonl"
            raise UsageError(
                f"{name} has no golden cases\n"
                f"help: write rows of its source to {file}, one JSON object a line; then nox -s test-{name} -- --update"
            )
        chosen += [(pipeline, case) for case in cases]
    if not chosen:
        raise UsageError("no pipeline has golden cases\nhelp: a case is a folder pipelines/<pipeline>/cases/<case>/")
    return chosen


def _run(engine: Engine, pipeline: Pipeline, case: Case, options: Options, progress: Progress) -> Result:
    result = Result(pipeline, case)
    with progress.step(f"{pipeline.name}/{case.name}") as step:
        try:
            result.outcome = engine.execute(pipeline, case, options.seconds)
        except CaseError as error:
            result.error = str(error)
        else:
            if options.update:
                _update(result)
            else:
                _compare(result)
        step.failed = result.failed
        step.note = _note(result, options.update)
    return result


def _compare(result: Result) -> None:
    result.end = at_the_end(result.pipeline, result.case.expected or (), result.outcome.last())
    if result.case.changelog is not None:
        result.way = along_the_way(result.pipeline, result.case.changelog, result.outcome.rows)


def _update(result: Result) -> None:
    """Write what came out, where a file says something else or is missing."""
    wanted = {EXPECTED: result.outcome.last()}
    if result.case.changelog is not None:
        wanted[CHANGELOG] = list(result.outcome.rows)
    paths = {result.case.folder / name: rows for name, rows in wanted.items()}
    result.written = [path for path, rows in paths.items() if write_expectation(path, rows)]


def _note(result: Result, update: bool) -> str:
    """A few words on how the case went."""
    differing = len({each.entity_key for each in (*result.end, *result.way)})
    if result.error:
        return "gave no answer"
    if update:
        words = "wrote " + ", ".join(path.name for path in result.written) if result.written else "as it was"
    elif differing:
        words = f"{counted(differing, 'key')} differ{'s' if differing == 1 else ''}"
    else:
        words = f"{counted(len(result.case.expected or ()), 'key')} as expected"
    letters = len(result.outcome.letters)
    return f"{words}, {counted(letters, 'dead letter')}" if letters else words


def _report(result: Result, console: Console) -> None:
    """What a person has to see: where the case failed, its differences; and calls that raised, in any case."""
    name = f"{result.pipeline.name}/{result.case.name}"
    if result.failed or result.outcome.raised:
        console.print()
    if result.error:
        console.print(Text.assemble((f"{name}: ", "bold red"), result.error))
    if result.end:
        show_differences(result.pipeline, result.case, f"{name}, at the end", result.end, console)
    if result.way:
        show_differences(result.pipeline, result.case, f"{name}, every row", result.way, console)
    for note in result.outcome.raised:
        console.print(Text.assemble((f"{name}: ", "yellow"), note))
    if result.failed:
        for note in result.outcome.letters[:MOST_LETTERS]:
            console.print(Text.assemble((f"{name}: ", "yellow"), note))


def _summary(results: Sequence[Result], seconds: float, options: Options, console: Console) -> None:
    failed = [result for result in results if result.failed]
    count = counted(len(results), "case")
    console.print()
    if options.update:
        written = sum(bool(result.written) for result in results)
        text = f"{count}, {written} written anew{f', {len(failed)} failed' if failed else ''} in {seconds:.1f} s"
        console.print(Text(text, "bold red" if failed else "bold"))
        if written:
            console.print("help: review them with git diff: they are what the query gives now, right or wrong")
        return
    if not failed:
        console.print(Text(f"{count} passed in {seconds:.1f} s", "bold green"))
        return
    console.print(Text(f"{len(failed)} of {count} failed in {seconds:.1f} s", "bold red"))
    if any(result.end or result.way for result in failed):
        result = next(result for result in failed if result.end or result.way)
        command = f"nox -s test-{result.pipeline.name} -- --case {result.case.name} --update"
        console.print(f"help: mend the query; or, if it is right, {command} writes what came out")
