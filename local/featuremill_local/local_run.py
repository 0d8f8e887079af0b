"""`nox -s local-<pipeline>`: runs a pipeline the whole way and prints what the service answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from featuremill_codegen.pipeline import Pipeline, load_pipeline
from rich.console import Console
from rich.text import Text

from featuremill_local.batch_run import BatchOptions, run_batch, task_of
from featuremill_local.cache import SetupError
from featuremill_local.display import counted, counts_line, feature_table
from featuremill_local.embedded import Embedded
from featuremill_local.history import history_of
from featuremill_local.holding import hold
from featuremill_local.ingestion_check import print_check
from featuremill_local.places import PIPELINES
from featuremill_local.progress import Progress
from featuremill_local.runs import new_run
from featuremill_local.sample import read_sample
from featuremill_local.whole_way import Outcome, StreamWay


@dataclass(frozen=True)
class Options:
    """How to run.

    `keep` holds everything up at the end; `rows` is how many entities the table shows; `pipelines` is the folder that
    holds the pipeline and those whose features readers know as well; `batch` is for batches alone.
    """

    keep: bool = False
    rows: int = 10
    pipelines: Path = PIPELINES
    batch: BatchOptions = field(default_factory=BatchOptions)


def run_pipeline(name: str, options: Options, console: Console) -> int:
    """Run the pipeline the whole way and print what the service answers; the exit code."""
    pipeline = load_pipeline(options.pipelines / name)
    if pipeline.config.parity_with is not None:
        raise SetupError(
            f"{name} is the twin of {pipeline.config.parity_with}: it is compared with it, and writes nothing\n"
            f"help: nox -s test-{name}"
        )
    if pipeline.mode == "batch":
        return run_batch(pipeline, options.batch, options.rows, options.keep, console)
    if options.batch != BatchOptions():
        raise SetupError(
            f"{name} is a stream: --dt, --from, --to, --data, --feature-source and --report are for batches"
        )
    sample = read_sample(pipeline)
    console.print(Text(f"{name}: embedded, as child processes of this command", "bold"))
    batch = history_of(pipeline)
    with new_run(name) as run:
        history = task_of(batch, BatchOptions(), run.data) if batch is not None else None
        platform = Embedded(run)
        with Progress(console) as progress:
            outcome = StreamWay(pipeline, sample, platform, run, progress, history).go()
        report(pipeline, outcome, options.rows, console)
        console.print(Text(f"{progress.elapsed():.1f} s from start to table", "dim"))
        if options.keep:
            hold(run, platform, console, history.feature_source if history is not None else None)
    return 0 if outcome.feature_rows and not (outcome.history and outcome.history.problems) else 1


def report(pipeline: Pipeline, outcome: Outcome, most: int, console: Console) -> None:
    """Print the table, at most so many entities of it, and the counts."""
    keys = {row.entity_key for row in outcome.feature_rows}
    keys |= {row.entity_key for row in outcome.history.compared} if outcome.history is not None else set()
    entities = len(keys)
    console.print()
    if entities:
        features = [feature.name for feature in pipeline.features]
        title = f"{pipeline.name} by gRPC at {outcome.now:%Y-%m-%d %H:%M:%S} UTC, the sample's end"
        console.print(feature_table(outcome.answers[:most], features, outcome.now, title, console))
    else:
        console.print(Text("the query gave no feature row for this sample", "bold yellow"))
        console.print("help: look at its filters, joins and windows, and at the dead letters: -- --keep holds them up")
    if entities > most:
        console.print(Text(f"... and {entities - most:,} more (-- --rows N shows more)", "dim"))
    rows = f"{counted(outcome.rows_in, 'row')} in, {counted(len(outcome.feature_rows), 'feature row')}"
    console.print(counts_line(f"{rows} of {counted(entities, 'entity', 'entities')}", outcome.dead_letters))
    if outcome.history is not None:
        print_check(console, f"history {pipeline.config.bootstrap_from}, ", outcome.history)
