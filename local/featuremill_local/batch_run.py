"""`nox -s local-<pipeline>` of a batch: runs it the whole way, for a day or for several, and prints what came out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from featuremill_codegen.pipeline import Pipeline
from featuremill_sinks.batch_ingestion import days
from rich.console import Console
from rich.text import Text

from featuremill_local.batch_compute import Task
from featuremill_local.batch_data import days_in, table_folders
from featuremill_local.batch_way import BatchOutcome, BatchWay
from featuremill_local.cache import SetupError
from featuremill_local.display import counted, counts_line, feature_table, print_dead_letters
from featuremill_local.embedded import Embedded
from featuremill_local.history import stream_of
from featuremill_local.holding import hold
from featuremill_local.ingestion_check import print_check
from featuremill_local.partitions import KEPT
from featuremill_local.places import REPOSITORY
from featuremill_local.progress import Progress
from featuremill_local.runs import new_run
from featuremill_local.spark import PartitionWritten

MOST_LETTERS = 5


@dataclass(frozen=True)
class BatchOptions:
    """What of a batch to run: the day `dt` (the data's last), or the days from `first` to `last`.

    `data` holds a folder for each source table (the pipeline's sample); partitions are written to `feature_source` (for
    one day the run's own, for several one that stays, so that the days that are there are not computed again); `report`
    is a file that what became of every row is written to, as JSON; dead letters, where there are some, go beside it.
    """

    dt: date | None = None
    first: date | None = None
    last: date | None = None
    data: Path | None = None
    feature_source: Path | None = None
    report: Path | None = None


def run_batch(pipeline: Pipeline, options: BatchOptions, most: int, keep: bool, console: Console) -> int:
    """Run a batch pipeline the whole way and print what the service answers of so many entities; the exit code.

    `keep` holds everything up at the end.
    """
    with new_run(pipeline.name) as run:
        task = task_of(pipeline, options, run.data)
        console.print(Text(f"{pipeline.name}, {days_text(task.days)}: embedded, as child processes", "bold"))
        platform = Embedded(run)
        with Progress(console) as progress:
            outcome = BatchWay(task, platform, run, progress).go()
        letters = write_letters(outcome.dead_letters, letters_file(pipeline.name, options.report))
        report_batch(pipeline, outcome, letters, most, console)
        console.print(Text(f"{progress.elapsed():.1f} s from start to table", "dim"))
        if options.report is not None:
            options.report.write_text(json.dumps(as_json(pipeline, outcome), indent=2) + "\n")
        if keep:
            hold(run, platform, console, task.feature_source)
    return 1 if outcome.check.problems else 0


def task_of(pipeline: Pipeline, given: BatchOptions, run_data: Path) -> Task:
    """The days to compute and where their data lie. Raises `SetupError`."""
    folders = table_folders(pipeline, given.data)
    if given.first is not None and given.last is not None:
        chosen = days(given.first, given.last)
        feature_source = given.feature_source or KEPT
        return Task(pipeline, chosen, folders, feature_source, skip_done=True, stream=stream_of(pipeline))
    known = days_in(pipeline, folders)
    if given.dt is None and not known:
        raise SetupError("no table of this pipeline is partitioned by dt\nhelp: name the day, -- --dt 2013-06-01")
    day = given.dt or known[-1]
    feature_source = given.feature_source or run_data / "feature_source"
    return Task(pipeline, [day], folders, feature_source, stream=stream_of(pipeline))


def days_text(days: Sequence[date]) -> str:
    """`2013-06-01`, or `365 days from 2013-01-01`."""
    return str(days[0]) if len(days) == 1 else f"{len(days)} days from {days[0]}"


def letters_file(pipeline: str, report: Path | None) -> Path:
    """Where the dead letters of a run are left: beside its report, else in the clone."""
    if report is not None:
        return report.with_name(f"{report.stem}.dead-letters.jsonl")
    return REPOSITORY / ".featuremill" / "dead-letters" / f"{pipeline}.jsonl"


def write_letters(letters: Sequence[Mapping[str, object]], file: Path) -> Path:
    """Write the dead letters, a JSON object a line as in their topic; none leave no file, not an older run's either."""
    file.unlink(missing_ok=True)
    if letters:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(json.dumps(letter, ensure_ascii=False) + "\n" for letter in letters), encoding="utf-8")
    return file


def report_batch(pipeline: Pipeline, outcome: BatchOutcome, letters: Path, most: int, console: Console) -> None:
    """Print the table, at most so many entities of it, the counts, bad rows with their reasons, calls of functions that
    raised, and what became of every row. `letters` is the file of the dead letters.
    """
    rows = sum(each.rows for each in outcome.computed.partitions.values())
    console.print()
    if outcome.answers:
        features = [feature.name for feature in pipeline.features]
        title = f"{pipeline.name} by gRPC at {outcome.now:%Y-%m-%d %H:%M:%S} UTC, the last day's end"
        console.print(feature_table(outcome.answers[:most], features, outcome.now, title, console))
    if len(outcome.answers) > most:
        console.print(Text(f"... and {len(outcome.answers) - most:,} more (-- --rows N shows more)", "dim"))
    partitions = counted(len(outcome.computed.partitions), "partition")
    console.print(counts_line(f"{partitions} of {counted(rows, 'feature row')}", outcome.dead_letters))
    if outcome.dead_letters:
        print_dead_letters(console, outcome.dead_letters, MOST_LETTERS, "they are in the file")
        console.print(Text(f"each of them, with its reason and its row: {letters}"))
    for line in raised_lines(outcome.computed.partitions):
        console.print(Text(line, "bold yellow"))
    print_check(console, "", outcome.check)
    gaps = outcome.computed.gaps
    if gaps:
        first = min(gaps)
        more = f" ({counted(len(gaps), 'day')} of the run did so)" if len(gaps) > 1 else ""
        console.print(Text(f"dt={first}: {gaps[first]}{more}", "yellow"))


def raised_lines(partitions: Mapping[date, PartitionWritten]) -> list[str]:
    """What to say of functions that raised, by function and day: how often, and the first calls."""
    lines = []
    for day, partition in sorted(partitions.items()):
        for name, errors in partition.function_errors.items():
            times = counted(errors.count, "time")
            lines.append(f"{name} raised {times} on {day}, and those values are NULL:")
            lines += [f"  {call}" for call in errors.examples]
    return lines


def as_json(pipeline: Pipeline, outcome: BatchOutcome) -> dict[str, object]:
    """What a batch's run has to say, for tools."""
    return {
        "pipeline": pipeline.name,
        "version": outcome.version,
        "partitions": {
            str(day): {
                "rows": each.rows,
                "dead_letters": each.dead_letters,
                "computed": each.is_new,
                "function_errors": {name: asdict(errors) for name, errors in each.function_errors.items()},
            }
            for day, each in sorted(outcome.computed.partitions.items())
        },
        "gaps": {str(day): said for day, said in sorted(outcome.computed.gaps.items())},
        "verified": not outcome.check.problems,
        **outcome.check.report,
        "problems": list(outcome.check.problems),
    }
