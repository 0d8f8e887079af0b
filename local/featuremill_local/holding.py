"""A run that is held up at its end, for a person to look at."""

from __future__ import annotations

import threading
from pathlib import Path

from rich.console import Console
from rich.text import Text

from featuremill_local.platform import Platform
from featuremill_local.runs import Run


def hold(run: Run, platform: Platform, console: Console, feature_source: Path | None = None) -> None:
    """Print the addresses and wait until Ctrl-C or `nox -s down`, which is how it is meant to end.

    `feature_source` is the folder of the partitions that the run loaded.
    """
    run.describe(
        kafka=platform.kafka_address,
        redis=platform.redis_address,
        flink=platform.flink_address,
        serving=platform.serving_address,
        feature_source="" if feature_source is None else str(feature_source),
    )
    console.print()
    for part, address in (
        ("this run", run.name),
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
