"""What the ways of streams and batches share: the package, the registry, Flink's jobs, what the service answers."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from featuremill_codegen import connectors
from featuremill_codegen.dead_letters import TOPIC as DEAD_LETTER_TOPIC
from featuremill_codegen.errors import PipelineError
from featuremill_codegen.manifest import ConnectorJar
from featuremill_codegen.package import Package, build_package
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.registry import make_registry, registry_of

from featuremill_local.connector import build_connector
from featuremill_local.ingestion_check import Check, check_ingestion
from featuremill_local.jars import connector_jar, download
from featuremill_local.partitions import Partitions
from featuremill_local.places import REPOSITORY
from featuremill_local.platform import Platform
from featuremill_local.processes import POLL_SECONDS, PartError
from featuremill_local.progress import Progress
from featuremill_local.registry import REGISTRY_KEY
from featuremill_local.runs import Run
from featuremill_local.serving_process import Answer
from featuremill_local.topics import Offsets, dead_letters, offsets

STREAMING_INGESTION = REPOSITORY / "sinks" / "featuremill_sinks" / "streaming_ingestion.py"
BATCH_INGESTION = REPOSITORY / "sinks" / "featuremill_sinks" / "batch_ingestion.py"
JOB_SECONDS = 300.0
ARRIVAL_SECONDS = 120.0


class FeatureValues(Protocol):
    """A row of the feature source, of Kafka or of a partition."""

    @property
    def entity_key(self) -> str:
        """What it is about."""

    @property
    def offset(self) -> int:
        """Its place in Kafka; 0 in a partition."""

    @property
    def event_time(self) -> datetime:
        """When the values were true."""

    @property
    def features(self) -> Mapping[str, str | None]:
        """The values as text."""


@dataclass(frozen=True)
class Target:
    """Where ingestion writes to: a Redis, and the Kafka that has the dead-letter topic.

    Without that a bad row refuses all partitions that it would be written with. `sink_options` are `name=value`.
    """

    redis: str
    kafka: str | None
    sink_options: Sequence[str] = ()

    def arguments(self) -> list[str]:
        """The arguments by which an ingestion job and its verification find Redis."""
        return ["--redis", self.redis, *(part for option in self.sink_options for part in ("--sink-option", option))]


class Way:
    """One run of one pipeline, of either kind."""

    def __init__(
        self,
        pipeline: Pipeline,
        platform: Platform,
        run: Run,
        progress: Progress,
        written_as: Pipeline | None = None,
    ) -> None:
        """`written_as` is the one that readers know the rows by: another one where the pipeline is a history."""
        self._pipeline = pipeline
        self._written_as = written_as or pipeline
        self._platform = platform
        self._run = run
        self._progress = progress
        self._step = progress.step

    def _write_registry(self, package: Package) -> None:
        self._platform.redis().set(REGISTRY_KEY, json.dumps(self._registry(package)))

    def _package(self) -> tuple[Package, list[Path]]:
        with self._step("connector"):
            connector = build_connector()
        with self._step("package") as shown:
            package = build_package(self._pipeline.folder, self._run.data / "dist", connector.pin)
            jars = [connector.path, *(connector_jar(coordinates) for coordinates in package.manifest["jars"])]
            shown.note = package.version
        return package, jars

    def _registry(self, package: Package) -> dict[str, Any]:
        """The registry of all pipelines, or of this one alone where another is broken: that is for lint to say."""
        connector = ConnectorJar(**package.manifest["connector"])
        try:
            return make_registry(self._pipeline.folder.parent, connector)
        except PipelineError:
            return registry_of([self._written_as], connector)

    def _load_partitions(self, partitions: Partitions, target: Target, connector: Path, seconds: float) -> Check:
        """Write partitions to Redis by the batch ingestion job, which may take so long; what became of their rows."""
        before = offsets(target.kafka, DEAD_LETTER_TOPIC) if target.kafka is not None else {}
        where = [*partitions.arguments(), *target.arguments()]
        letters = ["--bootstrap-servers", target.kafka] if target.kafka is not None else ["--on-bad-row", "fail"]
        ttl = ["--ttl", f"{partitions.ttl} ms"] if partitions.ttl is not None else []
        with self._step(f"ingestion job of {partitions.pipeline}"):
            job = self._submit(BATCH_INGESTION, [*where, *letters, *ttl], [connector, *download("parquet")])
            self._wait_for_end(job, "ingestion job", seconds)
        with self._step(f"verification of {partitions.pipeline}") as shown:
            refused = refused_by_redis(target.kafka, before) if target.kafka is not None else set()
            check = check_ingestion(where, partitions.rows(), refused, self._run.data)
            shown.note = f"{check.report['compared']:,} rows compared"
        return check

    def _submit(self, program: Path, arguments: Sequence[str | Path], jars: Sequence[Path]) -> str:
        """Submit an ingestion job with these jars and Kafka's; its id."""
        names = os.pathsep.join(map(str, [*jars, connector_jar(connectors.KAFKA)]))
        return self._platform.submit(program, arguments, {"FEATUREMILL_JARS": names})

    def _wait_for_end(self, job: str, what: str, seconds: float = JOB_SECONDS) -> None:
        self._until(lambda: self._platform.job_state(job) == "FINISHED", job, seconds, f"the {what}'s end")

    def _target(self) -> Target:
        """The run's own Redis and Kafka."""
        return Target(self._platform.redis_address, self._platform.kafka_address)

    def _wait_for_arrival(self, job: str | None, last: Mapping[str, FeatureValues], now: datetime) -> list[Answer]:
        """Ask the service until it answers every entity's last row; the answers. `job` is one that still writes.

        A row that Redis refused is a dead letter and never arrives; nor does one that is older than its time to live.
        """
        told = {feature.name: feature.default for feature in self._written_as.features}
        defaults = {feature.name: told.get(feature.name) for feature in self._pipeline.features}
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

        self._until(arrived, job, ARRIVAL_SECONDS, "the last rows' arrival in Redis")
        return answers

    def _expired(self, row: FeatureValues, now: datetime) -> bool:
        ttl_ms = self._written_as.config.ttl
        return ttl_ms is not None and (now - row.event_time).total_seconds() * 1000 > ttl_ms

    def _until(self, done: Callable[[], bool], job: str | None, seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            if job is not None:
                self._check_job(job)
            if time.monotonic() > deadline:
                raise PartError(f"waited {seconds:.0f} s for {what}\nhelp: the logs are in {self._run.processes.logs}")
            time.sleep(POLL_SECONDS)

    def _check_job(self, job: str) -> None:
        """Raises `PartError` with the reason where a job has failed, or is about to try again."""
        state = self._platform.job_state(job)
        if state in ("FAILED", "CANCELED", "RESTARTING", "FAILING"):
            raise PartError(
                f"the Flink job {job} is {state.lower()}: {self._platform.root_cause(job)}\n"
                f"help: the whole stack is in {self._run.processes.logs}"
            )


def shows(answer: Answer, row: FeatureValues, defaults: Mapping[str, str | None]) -> bool:
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


def last_by_key(rows: Sequence[FeatureValues]) -> dict[str, FeatureValues]:
    """The row that the guard lets win, for each entity key: the newest by (event time, offset)."""
    last: dict[str, FeatureValues] = {}
    for row in rows:
        known = last.get(row.entity_key)
        if known is None or (row.event_time, row.offset) >= (known.event_time, known.offset):
            last[row.entity_key] = row
    return last


def newest_first(answers: Sequence[Answer]) -> list[Answer]:
    """Sorted by event time, newest first, then by entity."""
    return sorted(answers, key=lambda answer: (-max(answer.event_times_ms, default=0), answer.entity))


def refused_by_redis(kafka: str, earlier: Offsets | None = None) -> set[str]:
    """The entity keys of which Redis refused a row: at any time, or after `earlier` in the topic of dead letters."""
    keys = set()
    for letter in dead_letters(kafka, earlier):
        if letter["stage"] == "redis" and letter["value_base64"]:
            keys.add(json.loads(base64.b64decode(letter["value_base64"]))["entity_key"])
    return keys


def all_of(*futures: Future[Any]) -> None:
    """Wait until all are done; raise the first failure as soon as it happens."""
    done, _ = wait(futures, return_when=FIRST_EXCEPTION)
    for future in done:
        future.result()
