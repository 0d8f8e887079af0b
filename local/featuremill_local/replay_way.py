"""Loads Redis again from the feature source: partitions, a topic, or a history's partitions and then the topic.

feature source (Parquet, Kafka) -> ingestion job on a Flink of its own -> Redis
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from featuremill_codegen.dead_letters import TOPIC as DEAD_LETTER_TOPIC
from featuremill_codegen.pipeline import Pipeline
from featuremill_sinks.replay import Range

from featuremill_local.connector import build_connector
from featuremill_local.ingestion_check import Check
from featuremill_local.partitions import Partitions
from featuremill_local.platform import Platform
from featuremill_local.progress import Progress
from featuremill_local.runs import Run
from featuremill_local.topic_check import Rows, check_topic
from featuremill_local.topics import dead_letters, offsets
from featuremill_local.way import STREAMING_INGESTION, Target, Way, all_of

NO_LIMIT = float("inf")
"""A replay takes as long as it takes: a topic may hold years."""


@dataclass(frozen=True)
class Loaded:
    """A part of the feature source, and what became of its rows."""

    source: Partitions | Rows
    check: Check


class ReplayWay(Way):
    """One replay: its parts are loaded one after the other, in the order in which they are given."""

    def __init__(
        self, pipeline: Pipeline, target: Target, redis: Any, platform: Platform, run: Run, progress: Progress
    ) -> None:
        """`platform` is what runs the jobs; `target` what they write to, of which `redis` is a client."""
        super().__init__(pipeline, platform, run, progress)
        self._to = target
        self._redis = redis

    def go(self, sources: Sequence[Partitions | Rows]) -> list[Loaded]:
        """All of it. Raises `PartError`, `SetupError` and what the parts raise."""
        with ThreadPoolExecutor(2) as pool:
            try:
                all_of(pool.submit(self._connector), pool.submit(self._platform.start_flink, self._step))
                return [Loaded(source, self._load(source)) for source in sources]
            except BaseException as error:
                self._run.end(error)  # what still starts in the other thread fails at once when its processes end
                raise

    def _connector(self) -> None:
        with self._step("connector"):
            build_connector()

    def _load(self, source: Partitions | Rows) -> Check:
        connector = build_connector().path
        if isinstance(source, Partitions):
            return self._load_partitions(source, self._to, connector, NO_LIMIT)
        assert self._to.kafka is not None, "a topic lies in Kafka"
        before = offsets(self._to.kafka, DEAD_LETTER_TOPIC)
        with self._step(f"ingestion job of {source.topic}"):
            kafka = ["--bootstrap-servers", self._to.kafka, "--name", f"featuremill-replay-{self._pipeline.name}"]
            arguments = [*kafka, *self._to.arguments(), *range_arguments(source)]
            self._wait_for_end(self._submit(STREAMING_INGESTION, arguments, [connector]), "ingestion job", NO_LIMIT)
        with self._step(f"verification of {source.topic}") as shown:
            letters = dead_letters(self._to.kafka, before)
            check = check_topic(self._to.kafka, source, letters, self._redis, self._pipeline.name)
            shown.note = f"{check.report['compared']:,} rows compared"
        return check


def range_arguments(rows: Rows) -> list[str]:
    """The arguments by which the ingestion job finds these rows."""
    ranges = [f"--range={Range(partition, *ends)}" for partition, ends in rows.offsets.items()]
    times = (("--from", rows.first), ("--before", rows.before))
    return ["--topic", rows.topic, *ranges, *(f"{name}={_text(time)}" for name, time in times if time is not None)]


def _text(time: datetime) -> str:
    return time.isoformat()
