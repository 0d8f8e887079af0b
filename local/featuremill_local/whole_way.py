"""The whole way of a stream: from its sample to answers of the gRPC service.

    sample -> Kafka -> feature job -> Kafka (feature source) -> ingestion job -> Redis -> gRPC

A stream with a history has that first: sample -> Spark -> Parquet -> ingestion job -> Redis, under the stream's name.
Everything that does not need another's result runs at the same time.
"""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from featuremill_codegen.dead_letters import TOPIC as DEAD_LETTER_TOPIC
from featuremill_codegen.manifest import ConnectorJar
from featuremill_codegen.package import Package, build_package
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.variables import BOOTSTRAP_SERVERS

from featuremill_local.batch_compute import Task, compute
from featuremill_local.environments import variables_of_requirements
from featuremill_local.ingestion_check import Check
from featuremill_local.platform import Platform
from featuremill_local.progress import Progress
from featuremill_local.runs import Run
from featuremill_local.sample import TableSample, overrides, produce
from featuremill_local.serving_process import Answer
from featuremill_local.topics import FeatureRow, dead_letters, feature_rows
from featuremill_local.way import (
    JOB_SECONDS,
    STREAMING_INGESTION,
    FeatureValues,
    Way,
    all_of,
    last_by_key,
    newest_first,
)

GROUP = "featuremill-ingestion"
FEATURE_PARTITIONS = 2


@dataclass(frozen=True)
class Outcome:
    """What came out of a run; `history` is what became of the rows of a history."""

    rows_in: int
    feature_rows: list[FeatureRow]
    history: Check | None
    dead_letters: list[dict[str, object]]
    answers: list[Answer]
    now: datetime


class StreamWay(Way):
    """One run of one stream: the steps and what each waits for."""

    def __init__(
        self,
        pipeline: Pipeline,
        sample: list[TableSample],
        platform: Platform,
        run: Run,
        progress: Progress,
        history: Task | None = None,
    ) -> None:
        """`history` is what the batch computes that fills the stream's past."""
        super().__init__(pipeline, platform, run, progress)
        self._sample = sample
        self._history = history
        self._topic = f"features.{pipeline.name}"

    def go(self) -> Outcome:
        """All of it. Raises `PartError`, `SetupError` and what the parts raise."""
        pool = ThreadPoolExecutor(8)
        try:
            package = pool.submit(self._package)
            redis = pool.submit(self._platform.start_redis, self._step)
            broker = pool.submit(self._broker_with_sample)
            cluster = pool.submit(self._platform.start_flink, self._step)
            serving = pool.submit(self._platform.prepare_serving, self._step)
            past = pool.submit(self._compute_history, package)
            all_of(package, redis, broker, cluster, past)
            built, jars = package.result()
            self._write_registry(built)
            history = self._load_history(jars)
            ingestion = self._submit_ingestion(jars)
            feature_job = self._submit_feature_job(built, jars)
            with self._step("feature job") as shown:
                self._wait_for_end(feature_job, "feature job")
                rows = feature_rows(self._platform.kafka_address, self._topic)
                shown.note = f"{len(rows):,} feature rows"
            known: list[FeatureValues] = [*(history.compared if history is not None else ()), *rows]
            now = max((row.event_time for row in known), default=datetime.now(UTC))
            all_of(serving)
            self._platform.start_serving(self._step, now)
            with self._step("rows in Redis, read back by gRPC") as shown:
                last = last_by_key(known)
                answers = self._wait_for_arrival(ingestion, last, now)
                shown.note = f"{len(answers):,} of {len(last):,} entities"
            letters = dead_letters(self._platform.kafka_address)
            return Outcome(broker.result(), rows, history, letters, newest_first(answers), now)
        except BaseException as error:
            self._run.end(error)  # what still starts in other threads fails at once when its processes end
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _package(self) -> tuple[Package, list[Path]]:
        made = super()._package()
        if self._pipeline.requirements:
            with self._step("requirements.txt"):
                variables_of_requirements(self._pipeline.requirements)
        return made

    def _broker_with_sample(self) -> int:
        self._platform.start_kafka(self._step)
        with self._step("sample in Kafka") as shown:
            topics = {table.topic: 1 for table in self._sample}
            topics |= {self._topic: FEATURE_PARTITIONS, DEAD_LETTER_TOPIC: 1}
            self._platform.create_topics(topics)
            rows = produce(self._sample, self._platform.kafka_address)
            shown.note = f"{rows:,} rows"
        return rows

    def _compute_history(self, package: Future[tuple[Package, list[Path]]]) -> None:
        if self._history is not None:
            built, _ = package.result()
            connector = ConnectorJar(**built.manifest["connector"])
            history = build_package(self._history.batch.folder, self._run.data / "dist", connector)
            compute(self._history, history, self._run.processes, self._progress)

    def _load_history(self, jars: list[Path]) -> Check | None:
        if self._history is None:
            return None
        connector, *_ = jars
        return self._load_partitions(self._history.partitions(), self._target(), connector, JOB_SECONDS)

    def _submit_feature_job(self, package: Package, jars: list[Path]) -> str:
        with self._step("submit feature job"):
            changes = self._run.data / "overrides.json"
            changes.write_text(json.dumps(overrides(self._sample, self._platform.kafka_address)))
            environment = {name: os.environ.get(name, "unused-locally") for name in package.manifest["variables"]}
            environment |= {
                BOOTSTRAP_SERVERS: self._platform.kafka_address,
                "FEATUREMILL_JARS": os.pathsep.join(map(str, jars)),
                "FEATUREMILL_REVISION": git_revision(self._pipeline.folder),
                **variables_of_requirements(self._pipeline.requirements),
            }
            return self._platform.submit(package.path / "run.py", ["--overrides", changes], environment)

    def _submit_ingestion(self, jars: list[Path]) -> str:
        with self._step("submit ingestion job"):
            arguments = ["--bootstrap-servers", self._platform.kafka_address, "--redis", self._platform.redis_address]
            connector, *_ = jars
            return self._submit(STREAMING_INGESTION, [*arguments, "--group", GROUP], [connector])


def git_revision(folder: Path) -> str:
    """The commit that the folder's clone is at, empty where there is none."""
    try:
        asked = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True)
    except OSError:
        return ""
    return asked.stdout.strip()
