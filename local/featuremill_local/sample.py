"""A pipeline's sample: the rows of `sample/<table>.jsonl`, and what of the source tables a local run changes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from confluent_kafka import Producer
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.tables import SourceTable

from featuremill_local.cache import SetupError

# how a production broker is reached and authenticated does not apply to the run's own
CONNECTION_OPTIONS = re.compile(r"properties\.(security|sasl|ssl)\..*")
START_OPTIONS = re.compile(r"scan\.startup\..*")


@dataclass(frozen=True)
class TableSample:
    """The rows of one source table, each a JSON object as text, and the topic that they are produced to."""

    table: SourceTable
    topic: str
    rows: tuple[bytes, ...]


def read_sample(pipeline: Pipeline) -> list[TableSample]:
    """The sample of every source table. Raises `SetupError` for what can't be run locally."""
    return [_table_sample(pipeline, table) for table in pipeline.tables]


def _table_sample(pipeline: Pipeline, table: SourceTable) -> TableSample:
    path = pipeline.folder / "sample" / f"{table.name}.jsonl"
    if not path.is_file():
        raise SetupError(
            f"{path} is missing: the local run needs a few real rows of the table {table.name}\n"
            "help: write one JSON object a line, in the order in which the rows arrive"
        )
    rows = tuple(line for line in path.read_bytes().splitlines() if line.strip())
    if not rows:
        raise SetupError(f"{path} holds no row\nhelp: write one JSON object a line")
    if table.connector != "kafka":
        raise SetupError(
            f"the table {table.name} has the connector '{table.connector}': a local run can feed Kafka tables only\n"
            "help: read it from a Kafka topic, or try the pipeline on a cluster"
        )
    topic = table.option("topic")
    if not topic or ";" in topic:
        raise SetupError(
            f"the table {table.name} reads several topics: a local run can feed one\n"
            "help: give it one 'topic' instead of a list or a pattern"
        )
    return TableSample(table, topic, rows)


def overrides(samples: list[TableSample], kafka: str) -> dict[str, dict[str, str | None]]:
    """What `run.py --overrides` takes: the run's own broker, from the first row to the last one that is there now."""
    changed: dict[str, dict[str, str | None]] = {}
    for sample in samples:
        options: dict[str, str | None] = {
            key: None
            for key in sample.table.options
            if CONNECTION_OPTIONS.fullmatch(key) or START_OPTIONS.fullmatch(key)
        }
        options["properties.bootstrap.servers"] = kafka
        options["scan.startup.mode"] = "earliest-offset"
        options["scan.bounded.mode"] = "latest-offset"
        changed[sample.table.name] = options
    return changed


def produce(samples: list[TableSample], kafka: str) -> int:
    """Write every row to its table's topic and wait until the broker has them; the number of rows.

    Rows go as they lie there, the broken ones, too: what becomes of them is for the job to show.
    """
    failures: list[str] = []
    producer = Producer(
        {"bootstrap.servers": kafka, "linger.ms": 5, "log_level": 0, "queue.buffering.max.messages": 10_000_000}
    )
    for sample in samples:
        for row in sample.rows:
            producer.produce(
                sample.topic, row, on_delivery=lambda error, _: failures.append(str(error)) if error else None
            )
            producer.poll(0)
    producer.flush()
    if failures:
        raise SetupError(f"{len(failures)} rows could not be written to Kafka: {failures[0]}")
    return sum(len(sample.rows) for sample in samples)
