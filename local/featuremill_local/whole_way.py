"""The whole way of a pipeline: from its sample to answers of the gRPC service.

    sample -> Kafka -> feature job -> Kafka (feature source) -> ingestion job -> Redis -> gRPC

Everything that does not need another's result runs at the same time.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from featuremill_codegen.dead_letters import TOPIC as DEAD_LETTER_TOPIC
from featuremill_codegen.errors import PipelineError
from featuremill_codegen.manifest import ConnectorJar
from featuremill_codegen.package import Package, build_package
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.registry import make_registry, registry_of
from featuremill_codegen.variables import BOOTSTRAP_SERVERS

from featuremill_local.connector import build_connector
from featuremill_local.environments import variables_of_requirements
from featuremill_local.jars import connector_jar
from featuremill_local.places import REPOSITORY
from featuremill_local.platform import Platform
from featuremill_local.processes import POLL_SECONDS, PartError
from featuremill_local.progress import Progress
from featuremill_local.registry import REGISTRY_KEY
from featuremill_local.runs import Run
from featuremill_local.sample import TableSample, overrides, produce
from featuremill_local.serving_process import Answer
from featuremill_local.topics import FeatureRow, dead_letters, feature_rows

INGESTION = REPOSITORY / "sinks" / "featuremill_sinks" / "streaming_ingestion.py"
GROUP = "featuremill-ingestion"
FEATURE_PARTITIONS = 2
JOB_SECONDS = 300.0
ARRIVAL_SECONDS = 120.0


@dataclass(frozen=True)
class Outcome:
    """What came out of a run."""

    rows_in: int
    feature_rows: list[FeatureRow]
    dead_letters: list[dict[str, object]]
    answers: list[Answer]
    now: datetime


class Way:
    """One run of one pipeline: the steps and what each waits for."""

    def __init__(
        self, pipeline: Pipeline, sample: list[TableSample], platform: Platform, run: Run, progress: Progress
    ) -> None:
        self._pipeline = pipeline
        self._sample = sample
        self._platform = platform
        self._run = run
        self._step = progress.step
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
            all_of(package, redis, broker, cluster)
            built, jars = package.result()
            self._platform.redis().set(REGISTRY_KEY, json.dumps(self._registry(built)))
            ingestion = self._submit_ingestion(jars)
            feature_job = self._submit_feature_job(built, jars)
            with self._step("feature job") as shown:
                self._wait_for_end(feature_job)
                rows = feature_rows(self._platform.kafka_address, self._topic)
                shown.note = f"{len(rows):,} feature rows"
            now = max((row.event_time for row in rows), default=datetime.now(UTC))
            all_of(serving)
            self._platform.start_serving(self._step, now)
            with self._step("rows in Redis, read back by gRPC") as shown:
                last = last_by_key(rows)
                answers = self._wait_for_arrival(ingestion, last, now)
                shown.note = f"{len(answers):,} of {len(last):,} entities"
            letters = dead_letters(self._platform.kafka_address)
            return Outcome(broker.result(), rows, letters, newest_first(answers), now)
        except BaseException as error:
            self._run.end(error)  # what still starts in other threads fails at once when its processes end
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _package(self) -> tuple[Package, list[Path]]:
        with self._step("connector"):
            connector = build_connector()
        with self._step("package") as shown:
            package = build_package(self._pipeline.folder, self._run.data / "dist", connector.pin)
            jars = [connector.path, *(connector_jar(coordinates) for coordinates in package.manifest["jars"])]
            shown.note = package.version
        if self._pipeline.requirements:
            with self._step("requirements.txt"):
                variables_of_requirements(self._pipeline.requirements)
        return package, jars

    def _registry(self, package: Package) -> dict[str, Any]:
        """The registry of all pipelines, or of this one alone where another is broken: that is for lint to say."""
        connector = ConnectorJar(**package.manifest["connector"])
        try:
            return make_registry(self._pipeline.folder.parent, connector)
        except PipelineError:
            return registry_of([self._pipeline], connector)

    def _broker_with_sample(self) -> int:
        self._platform.start_kafka(self._step)
        with self._step("sample in Kafka") as shown:
            topics = {table.topic: 1 for table in self._sample}
            topics |= {self._topic: FEATURE_PARTITIONS, DEAD_LETTER_TOPIC: 1}
            self._platform.create_topics(topics)
            rows = produce(self._sample, self._platform.kafka_address)
            shown.note = f"{rows:,} rows"
        return rows

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
            environment = {"FEATUREMILL_JARS": os.pathsep.join(map(str, jars))}
            return self._platform.submit(INGESTION, [*arguments, "--group", GROUP], environment)

    def _wait_for_end(self, job: str) -> None:
        self._until(lambda: self._platform.job_state(job) == "FINISHED", job, JOB_SECONDS, "the feature job's end")

    def _wait_for_arrival(self, ingestion: str, last: dict[str, FeatureRow], now: datetime) -> list[Answer]:
        """Ask the service until it answers every entity's last row; the answers.

        A row that Redis refused is a dead letter and never arrives; nor does one that is older than its time to live.
        """
        defaults = {feature.name: feature.default for feature in self._pipeline.features}
        missing = {key: row for key, row in last.items() if not self._expired(row, now)}
        answers: list[Answer] = []

        def arrived() -> bool:
            for answer in self._platform.ask(sorted(missing), list(defaults)):
                if shows(answer, missing[answer.entity], defaults):
                    answers.append(answer)
                    del missing[answer.entity]
            if missing:
                for key in refused_by_redis(self._platform.kafka_address):
                    missing.pop(key, None)
            return not missing

        self._until(arrived, ingestion, ARRIVAL_SECONDS, "the last rows' arrival in Redis")
        return answers

    def _expired(self, row: FeatureRow, now: datetime) -> bool:
        ttl_ms = self._pipeline.config.ttl
        return ttl_ms is not None and (now - row.event_time).total_seconds() * 1000 > ttl_ms

    def _until(self, done: Callable[[], bool], job: str, seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            state = self._platform.job_state(job)
            if state in ("FAILED", "CANCELED", "RESTARTING", "FAILING"):
                raise PartError(
                    f"the Flink job {job} is {state.lower()}: {self._platform.root_cause(job)}\n"
                    f"help: the whole stack is in {self._run.processes.logs}"
                )
            if time.monotonic() > deadline:
                raise PartError(f"waited {seconds:.0f} s for {what}\nhelp: the logs are in {self._run.processes.logs}")
            time.sleep(POLL_SECONDS)


def last_by_key(rows: list[FeatureRow]) -> dict[str, FeatureRow]:
    """The row that the guard lets win, for each entity key: the newest by (event time, offset)."""
    last: dict[str, FeatureRow] = {}
    for row in rows:
        known = last.get(row.entity_key)
        if known is None or (row.event_time, row.offset) >= (known.event_time, known.offset):
            last[row.entity_key] = row
    return last


def shows(answer: Answer, row: FeatureRow, defaults: Mapping[str, str | None]) -> bool:
    """True if the service's answer is the row, or a newer one of the same entity.

    `defaults` are the features asked for, in order, with what a reader gets where there is no value.
    """
    event_time_ms = round(row.event_time.timestamp() * 1000)
    told = max(answer.event_times_ms, default=0)
    if told != event_time_ms:
        return told > event_time_ms
    values = (row.features.get(name) for name in defaults)
    return answer.values == [
        value if value is not None else default or "" for value, default in zip(values, defaults.values(), strict=True)
    ]


def newest_first(answers: list[Answer]) -> list[Answer]:
    """Sorted by event time, newest first, then by entity."""
    return sorted(answers, key=lambda answer: (-max(answer.event_times_ms, default=0), answer.entity))


def refused_by_redis(kafka: str) -> set[str]:
    """The entity keys of which Redis refused a row."""
    keys = set()
    for letter in dead_letters(kafka):
        if letter["stage"] == "redis" and letter["value_base64"]:
            keys.add(json.loads(base64.b64decode(letter["value_base64"]))["entity_key"])
    return keys


def git_revision(folder: Path) -> str:
    """The commit that the folder's clone is at, empty where there is none."""
    try:
        asked = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True)
    except OSError:
        return ""
    return asked.stdout.strip()


def all_of(*futures: Future[Any]) -> None:
    """Wait until all are done; raise the first failure as soon as it happens."""
    done, _ = wait(futures, return_when=FIRST_EXCEPTION)
    for future in done:
        future.result()
