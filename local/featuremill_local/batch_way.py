"""The whole way of a batch pipeline: from its sample to answers of the gRPC service.

    sample -> Spark -> Parquet (feature source) -> ingestion job -> Redis -> gRPC

Everything that does not need another's result runs at the same time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from featuremill_codegen import connectors
from featuremill_codegen.dead_letters import TOPIC as DEAD_LETTER_TOPIC
from featuremill_codegen.package import Package
from featuremill_codegen.pipeline import Pipeline

from featuremill_local.environments import environment
from featuremill_local.ingestion_check import Check, PartitionRow, check_ingestion
from featuremill_local.jars import connector_jar, download
from featuremill_local.places import REPOSITORY
from featuremill_local.platform import Platform
from featuremill_local.progress import Progress
from featuremill_local.runs import Run
from featuremill_local.serving_process import Answer
from featuremill_local.spark import PartitionWritten, SparkRun
from featuremill_local.topics import dead_letters
from featuremill_local.way import Way, all_of, newest_first, refused_by_redis

INGESTION = REPOSITORY / "sinks" / "featuremill_sinks" / "batch_ingestion.py"
BAR = 20


@dataclass(frozen=True)
class Task:
    """What is to be computed: the days, one after the other, from these folders, into this feature source.

    With `skip_done` partitions stay that the same version of the package has written.
    """

    days: Sequence[date]
    folders: Mapping[str, Path]
    feature_source: Path
    skip_done: bool = False


@dataclass(frozen=True)
class BatchOutcome:
    """What came out of a run."""

    version: str
    partitions: Mapping[date, PartitionWritten]
    check: Check
    dead_letters: list[dict[str, object]]
    answers: list[Answer]
    now: datetime


class BatchWay(Way):
    """One run of one batch pipeline: the steps and what each waits for."""

    def __init__(self, pipeline: Pipeline, task: Task, platform: Platform, run: Run, progress: Progress) -> None:
        super().__init__(pipeline, platform, run, progress)
        self._task = task

    def go(self) -> BatchOutcome:
        """All of it. Raises `PartError`, `SetupError` and what the parts raise."""
        pool = ThreadPoolExecutor(8)
        try:
            package = pool.submit(self._package)
            partitions = pool.submit(self._compute, package)
            redis = pool.submit(self._platform.start_redis, self._step)
            broker = pool.submit(self._broker)
            cluster = pool.submit(self._platform.start_flink, self._step)
            serving = pool.submit(self._platform.prepare_serving, self._step)
            all_of(package, partitions, redis, broker, cluster)
            built, jars = package.result()
            self._write_registry(built)
            with self._step("ingestion job"):
                ingestion = self._submit_ingestion(jars)
                self._wait_for_end(ingestion, "ingestion job")
            with self._step("verification") as shown:
                check = self._verify(partitions.result())
                shown.note = f"{check.report['compared']:,} rows compared"
            now = max((row.event_time for row in check.compared), default=end_of(self._task.days[-1]))
            all_of(serving)
            self._platform.start_serving(self._step, now)
            with self._step("rows in Redis, read back by gRPC") as shown:
                last = last_by_key(check.compared)
                answers = self._wait_for_arrival(ingestion, last, now)
                shown.note = f"{len(answers):,} of {len(last):,} entities"
            letters = dead_letters(self._platform.kafka_address)
            return BatchOutcome(built.version, partitions.result(), check, letters, newest_first(answers), now)
        except BaseException as error:
            self._run.end(error)  # what still starts in other threads fails at once when its processes end
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _compute(self, package: Future[tuple[Package, list[Path]]]) -> dict[date, PartitionWritten]:
        with self._step("Spark environment"):
            environment("spark")
        built, _ = package.result()
        days = self._task.days
        with self._step("Spark") as shown:

            def show(done: Mapping[date, PartitionWritten]) -> None:
                shown.note = bar(len(done), len(days)) if len(days) > 1 else ""

            spark = SparkRun(self._run.processes, built, self._task.feature_source, self._task.folders)
            partitions = spark.go(days, show, skip_done=self._task.skip_done)
            rows = sum(each.rows for each in partitions.values())
            old = sum(not each.is_new for each in partitions.values())
            shown.note = f"{rows:,} feature rows" + (f"; {old} of {len(days)} days were there" if old else "")
        return partitions

    def _broker(self) -> None:
        self._platform.start_kafka(self._step)
        self._platform.create_topics({DEAD_LETTER_TOPIC: 1})

    def _submit_ingestion(self, jars: list[Path]) -> str:
        ttl = self._pipeline.config.ttl
        arguments = [*self._partitions(), "--bootstrap-servers", self._platform.kafka_address]
        arguments += ["--ttl", f"{ttl} ms"] if ttl is not None else []
        needed = [*jars, *download("parquet"), connector_jar(connectors.KAFKA)]
        return self._platform.submit(INGESTION, arguments, {"FEATUREMILL_JARS": os.pathsep.join(map(str, needed))})

    def _verify(self, partitions: Mapping[date, PartitionWritten]) -> Check:
        written = sum(each.rows for each in partitions.values())
        refused = refused_by_redis(self._platform.kafka_address)
        return check_ingestion(self._partitions(), written, refused, self._run.data)

    def _partitions(self) -> list[str]:
        """The arguments by which the ingestion job and its verification find the partitions, and Redis."""
        days = self._task.days
        where = ["--feature-source", str(self._task.feature_source), "--pipeline", self._pipeline.name]
        when = ["--date", str(days[0]), "--to", str(days[-1])]
        return [*where, *when, "--redis", self._platform.redis_address]


def last_by_key(rows: Sequence[PartitionRow]) -> dict[str, PartitionRow]:
    """The row with the greatest event time of each entity key."""
    last: dict[str, PartitionRow] = {}
    for row in rows:
        known = last.get(row.entity_key)
        if known is None or row.event_time >= known.event_time:
            last[row.entity_key] = row
    return last


def end_of(day: date) -> datetime:
    """The instant at which a day ends, in UTC."""
    return datetime.combine(day + timedelta(1), time(), UTC)


def bar(done: int, all: int) -> str:
    """How far it is: `█████░░░░░░░░░░░░░░░ 90 of 365 days`."""
    full = BAR * done // all
    return f"{'█' * full}{'░' * (BAR - full)} {done} of {all} days"
