"""`nox -s local-<pipeline>`: runs a pipeline the whole way and prints what the service answers."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.pipeline import Pipeline, load_pipeline
from rich.console import Console
from rich.text import Text

from featuremill_local.display import counts_line, feature_table
from featuremill_local.embedded import Embedded
from featuremill_local.places import PIPELINES
from featuremill_local.platform import Platform
from featuremill_local.progress import Progress
from featuremill_local.runs import Run, new_run
from featuremill_local.sample import read_sample
from featuremill_local.whole_way import Outcome, Way


@dataclass(frozen=True)
class Options:
    """How to run.

    `keep` holds everything up at the end; `rows` is how many entities the table shows; `pipelines` is the folder that
    holds the pipeline and those whose features readers know as well.
    """

    keep: bool = False
    rows: int = 10
    pipelines: Path = PIPELINES


def run_pipeline(name: str, options: Options, console: Console) -> int:
    """Run the pipeline the whole way and print what the service answers; the exit code."""
    pipeline = load_pipeline(options.pipelines / name)
    sample = read_sample(pipeline)
    console.print(Text(f"{name}: embedded, as child processes of this command", "bold"))
    with new_run(name) as run:
        platform = Embedded(run)
        with Progress(console) as progress:
            outcome = Way(pipeline, sample, platform, run, progress).go()
        report(pipeline, outcome, options.rows, console)
        console.print(Text(f"{progress.elapsed():.1f} s from start to table", "dim"))
        if options.keep:
            hold(run, platform, console)
    return 0 if outcome.feature_rows else 1


def report(pipeline: Pipeline, outcome: Outcome, most: int, console: Console) -> None:
    """Print the table, at most so many entities of it, and the counts."""
    entities = len({row.entity_key for row in outcome.feature_rows})
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
    console.print(counts_line(outcome.rows_in, len(outcome.feature_rows), entities, outcome.dead_letters))


def hold(run: Run, platform: Platform, console: Console) -> None:
    """Print the addresses and wait until Ctrl-C or `nox -s down`, which is how it is meant to end."""
    run.describe(
        kafka=platform.kafka_address,
        redis=platform.redis_address,
        flink=platform.flink_address,
        serving=platform.serving_address,
    )
    console.print()
    for part, address in (
        ("Flink's page", platform.flink_address),
        ("Kafka", platform.kafka_address),
        ("Redis", platform.redis_address),
        ("gRPC", platform.serving_address),
    ):
        console.print(Text(f"  {part:<14}{address}"))
    console.print(Text("\neverything stays up; end it with Ctrl-C here or `nox -s down` elsewhere"))
    try:
        threading.Event().wait()
    except (KeyboardInterrupt, SystemExit):
        console.print("ended")
