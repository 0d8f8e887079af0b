"""The whole way of a batch pipeline: from its sample to answers of the gRPC service.

    sample -> Spark -> Parquet (feature source) -> ingestion job -> Redis -> gRPC

Everything that does not need another's result runs at the same time.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from featuremill_codegen.dead_letters import TOPIC as DEAD_LETTER_TOPIC
from featuremill_codegen.package import Package

from featuremill_local.batch_compute import Computed, Task, compute
from featuremill_local.ingestion_check import Check
from featuremill_local.platform import Platform
from featuremill_local.progress import Progress
from featuremill_local.runs import Run
from featuremill_local.serving_process import Answer
from featuremill_local.topics import dead_letters
from featuremill_local.way import JOB_SECONDS, Way, all_of, last_by_key, newest_first


@dataclass(frozen=True)
class BatchOutcome:
    """What came out of a run."""

    version: str
    computed: Computed
    check: Check
    dead_letters: list[dict[str, object]]
    answers: list[Answer]
    now: datetime


class BatchWay(Way):
    """One run of one batch pipeline: the steps and what each waits for."""

    def __init__(self, task: Task, platform: Platform, run: Run, progress: Progress) -> None:
        super().__init__(task.batch, platform, run, progress, task.stream)
        self._task = task

    def go(self) -> BatchOutcome:
        """All of it. Raises `PartError`, `SetupError` and what the parts raise."""
        pool = ThreadPoolExecutor(8)
        try:
            package = pool.submit(self._package)
            computed = pool.submit(self._compute, package)
            redis = pool.submit(self._platform.start_redis, self._step)
            broker = pool.submit(self._broker)
            cluster = pool.submit(self._platform.start_flink, self._step)
            serving = pool.submit(self._platform.prepare_serving, self._step)
            all_of(package, computed, redis, broker, cluster)
            built, jars = package.result()
            self._write_registry(built)
            connector, *_ = jars
            check = self._load_partitions(self._task.partitions(), self._target(), connector, JOB_SECONDS)
            now = max((row.event_time for row in check.compared), default=end_of(self._task.days[-1]))
            all_of(serving)
            self._platform.start_serving(self._step, now)
            with self._step("rows in Redis, read back by gRPC") as shown:
                last = last_by_key(check.compared)
                answers = self._wait_for_arrival(None, last, now)
                shown.note = f"{len(answers):,} of {len(last):,} entities"
            letters = dead_letters(self._platform.kafka_address)
            return BatchOutcome(built.version, computed.result(), check, letters, newest_first(answers), now)
        except BaseException as error:
            self._run.end(error)  # what still starts in other threads fails at once when its processes end
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _compute(self, package: Future[tuple[Package, list[Path]]]) -> Computed:
        built, _ = package.result()
        return compute(self._task, built, self._run.processes, self._progress)

    def _broker(self) -> None:
        self._platform.start_kafka(self._step)
        self._platform.create_topics({DEAD_LETTER_TOPIC: 1})


def end_of(day: date) -> datetime:
    """The instant at which a day ends, in UTC."""
    return datetime.combine(day + timedelta(1), time(), UTC)
