"""`nox -s test-<pipeline>` and `nox -s cases`: runs golden cases and shows where they differ."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.collection import list_pipelines
from featuremill_codegen.errors import UsageError
from featuremill_codegen.pipeline import Pipeline, load_pipeline
from rich.console import Console
from rich.text import Text

from featuremill_local.cases.difference import along_the_way, at_the_end
from featuremill_local.cases.engine import CaseError
from featuremill_local.cases.engines import Engines, kinds_of
from featuremill_local.cases.expectation import CHANGELOG, EXPECTED, write_expectation
from featuremill_local.cases.letters import DEAD_LETTERS, unmatched, write_letters
from featuremill_local.cases.outcome import Outcome
from featuremill_local.cases.parity import Twins, case_of, twins_of
from featuremill_local.cases.reading import Case, files_of, read_cases
from featuremill_local.cases.report import note, report, report_parity, summarize
from featuremill_local.cases.result import ParityResult, Result
from featuremill_local.cases.shuffling import Shuffler
from featuremill_local.cases.twin_names import twins_named
from featuremill_local.connector import build_connector
from featuremill_local.environments import environment
from featuremill_local.places import PIPELINES
from featuremill_local.progress import Progress
from featuremill_local.runs import Run, new_run

TIME_LIMIT_SECONDS = 60.0


@dataclass(frozen=True)
class Options:
    """What to run and how.

    `cases` are names, all where it is empty; with `update` what comes out becomes what is expected; `seconds` is what
    a case may take; `shuffle` is in how many other orders each case is run, which follow from `seed`.
    """

    cases: Sequence[str] = ()
    update: bool = False
    seconds: float = TIME_LIMIT_SECONDS
    pipelines: Path = PIPELINES
    shuffle: int = 0
    seed: int = 0


def run_cases(names: Sequence[str], options: Options, console: Console) -> int:
    """Run the cases of these pipelines; the exit code: 0 all as expected, 1 a difference or a job that failed.

    Raises UsageError and PipelineError for what is wrong in the files or in what was asked.
    """
    started = time.monotonic()
    pipelines = [load_pipeline(options.pipelines / name) for name in names]
    twins = [] if options.update else twins_of(pipelines, options.pipelines)
    chosen = _choose(pipelines, twins, options)
    compared, left_out = _choose_compared(twins, options)
    involved = [pipeline for pipeline, _ in chosen]
    involved += [side for each, _, _ in compared for side in (each.pipeline, each.twin)]
    kinds = kinds_of(involved)
    with new_run(names[0] if len(names) == 1 else "cases") as run:
        with Progress(console) as progress:
            with progress.step("connector"):
                connector = build_connector()
            for kind in kinds:
                with progress.step(f"{kind.environment} environment"):
                    environment(kind.environment)
            with progress.step(" and ".join(kind.name for kind in kinds)):
                engines = Engines({id(each): each for each in involved}.values(), run, connector)
                engines.start()
            runner = _Runner(engines, run, options, progress)
            results = [runner.run(pipeline, case) for pipeline, case in chosen]
            parity = [runner.compare(twins, owner, case) for twins, owner, case in compared]
        for result in results:
            report(result, options.seed, console)
        for each in twins:
            _say_what_is_compared(each, [name for pair, name in left_out if pair is each], console)
        for compared_result in parity:
            report_parity(compared_result, console)
    if options.shuffle:
        again = f"-- --shuffle {options.shuffle} --seed {options.seed}"
        console.print(f"the other orders are those of seed {options.seed}; {again} gives them again")
    summarize(results, parity, time.monotonic() - started, options.update, console)
    return 1 if any(each.failed for each in results) or any(each.failed for each in parity) else 0


def pipelines_with_cases(folder: Path) -> list[str]:
    """The names of the pipelines that have golden cases or a twin."""
    own = {name for name in list_pipelines(folder) if (folder / name / "cases").is_dir()}
    return sorted(own | set(twins_named(folder)))


def _choose(pipelines: Sequence[Pipeline], twins: Sequence[Twins], options: Options) -> list[tuple[Pipeline, Case]]:
    chosen = []
    for pipeline in pipelines:
        alone = all(pipeline not in (each.pipeline, each.twin) for each in twins)
        if not alone and not (pipeline.folder / "cases").is_dir():
            continue
        cases = read_cases(pipeline, options.cases, update=options.update)
        if not cases and alone:
            file = f"pipelines/{pipeline.name}/cases/<case>/{files_of(pipeline)[pipeline.tables[0].name]}"
            raise UsageError(
                f"{pipeline.name} has no golden cases\nhelp: write rows of its source to {file}, one JSON object a "
                f"line; then nox -s test-{pipeline.name} -- --update"
            )
        chosen += [(pipeline, case) for case in cases]
    if not chosen and not twins:
        raise UsageError("no pipeline has golden cases\nhelp: a case is a folder pipelines/<pipeline>/cases/<case>/")
    return chosen


def _choose_compared(
    twins: Sequence[Twins], options: Options
) -> tuple[list[tuple[Twins, Pipeline, Case]], list[tuple[Twins, str]]]:
    """The cases that go through twins, those of either side, and the names of those that can't.

    What they expect is the other run's business.
    """
    named = [
        (each, owner, case)
        for each in twins
        for owner in (each.pipeline, each.twin)
        for case in read_cases(owner, update=True)
        if not options.cases or case.name in options.cases
    ]
    taken = [(pair, owner, case) for pair, owner, case in named if pair.takes(case)]
    for each in twins:
        who = f"neither {each.pipeline.name} nor its twin {each.twin.name} has"
        if not any(pair is each for pair, _, _ in named):
            raise UsageError(f"{who} such a golden case")
        if not options.cases and not any(pair is each for pair, _, _ in taken):
            help = "write case.yaml with `variables: {dt: 2013-06-01}`"
            raise UsageError(f"{who} a golden case that says a day\nhelp: {help}")
    return taken, [(pair, f"{owner.name}/{case.name}") for pair, owner, case in named if not pair.takes(case)]


def _say_what_is_compared(twins: Twins, left_out: Sequence[str], console: Console) -> None:
    alone = f"; one of them alone has {', '.join(twins.alone)}" if twins.alone else ""
    words = f"compared with {twins.twin.name}: {', '.join(twins.compared)}{alone}"
    console.print(Text.assemble((f"{twins.pipeline.name}: ", "bold"), words))
    if left_out:
        words = f"not compared, since no case.yaml says their day: {', '.join(left_out)}"
        console.print(Text.assemble((f"{twins.pipeline.name}: ", "bold"), words))


class _Runner:
    """Runs cases, each once for a pipeline however often it is looked at."""

    def __init__(self, engines: Engines, run: Run, options: Options, progress: Progress) -> None:
        self._engines, self._options, self._progress = engines, options, progress
        self._orders = run.data / "orders"
        self._outcomes: dict[tuple[str, Path], Outcome] = {}

    def run(self, pipeline: Pipeline, case: Case) -> Result:
        """Run a case, compare what came out or write it, and run it in other orders where that is asked for."""
        result = Result(pipeline, case)
        with self._progress.step(result.name) as step:
            try:
                result.outcome = self._outcome(pipeline, case)
                if self._options.update:
                    _update(result)
                else:
                    _compare(result)
                if self._options.shuffle and not result.failed:
                    self._shuffle(result)
            except CaseError as error:
                result.error = str(error)
            step.failed = result.failed
            step.note = note(result, update=self._options.update)
        return result

    def compare(self, twins: Twins, owner: Pipeline, case: Case) -> ParityResult:
        """Run a case through both pipelines, and compare what came out."""
        result = ParityResult(twins, owner, case)
        with self._progress.step(result.name) as step:
            try:
                ours, theirs = (self._outcome(each, case_of(each, case)) for each in (twins.pipeline, twins.twin))
                result.differences = twins.differences(case, ours, theirs)
            except CaseError as error:
                result.error = str(error)
            step.failed = result.failed
            step.note = "gave no answer" if result.error else "different" if result.failed else "the same"
        return result

    def _outcome(self, pipeline: Pipeline, case: Case) -> Outcome:
        known = (pipeline.name, case.folder)
        if known not in self._outcomes:
            self._outcomes[known] = self._engines.execute(pipeline, case, self._options.seconds)
        return self._outcomes[known]

    def _shuffle(self, result: Result) -> None:
        def execute(case: Case) -> Outcome:
            return self._engines.execute(result.pipeline, case, self._options.seconds)

        folder = self._orders / result.pipeline.name / result.case.name
        shuffler = Shuffler(result.pipeline, execute, folder, self._options.seed)
        result.shuffle = shuffler.run(result.case, result.outcome, self._options.shuffle)


def _compare(result: Result) -> None:
    result.end = at_the_end(result.pipeline, result.case.expected or (), result.outcome.last())
    if result.case.changelog is not None:
        result.way = along_the_way(result.pipeline, result.case.changelog, result.outcome.rows)
    result.missing, result.unexpected = unmatched(result.pipeline, result.case.letters, result.outcome.letters)


def _update(result: Result) -> None:
    """Write what came out, where a file says something else or is missing."""
    wanted = {EXPECTED: result.outcome.last()}
    if result.case.changelog is not None:
        wanted[CHANGELOG] = list(result.outcome.rows)
    paths = {result.case.folder / name: rows for name, rows in wanted.items()}
    result.written = [path for path, rows in paths.items() if write_expectation(path, rows)]
    letters = result.case.folder / DEAD_LETTERS
    if write_letters(result.pipeline, letters, result.outcome.letters):
        result.written.append(letters)
