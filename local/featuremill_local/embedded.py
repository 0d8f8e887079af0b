"""The platform as child processes of one run: nothing but Python 3.11 is needed, see `environments.py`, `java.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import redis as redis_client
from confluent_kafka.cimpl import NewTopic

from featuremill_local.environments import environment
from featuremill_local.flink import Flink
from featuremill_local.kafka import Kafka
from featuremill_local.platform import StepOf
from featuremill_local.redis_server import RedisServer
from featuremill_local.runs import Run
from featuremill_local.serving_process import Answer, Serving
from featuremill_local.submission import Submitter


class Embedded:
    """A `Platform` of child processes on free ports, under the run's data folder."""

    def __init__(self, run: Run) -> None:
        self._kafka = Kafka(run.processes, run.ports)
        self._redis = RedisServer(run.processes, run.ports)
        self.flink = Flink(run.processes, run.ports)
        self._submitter = Submitter(run.processes)
        self._serving = Serving(run.processes)
        self.kafka_address = self._kafka.address
        self.redis_address = self._redis.address
        self.flink_address = self.flink.address
        self.serving_address = ""

    def prepare_serving(self, step: StepOf) -> None:
        """See `Platform`."""
        with step("serving environment"):
            environment("serving")

    def start_kafka(self, step: StepOf) -> None:
        """See `Platform`."""
        with step("Kafka broker") as shown:
            self._kafka.start()
            shown.note = self.kafka_address

    def start_redis(self, step: StepOf) -> None:
        """See `Platform`."""
        with step("Redis") as shown:
            self._redis.start()
            shown.note = self.redis_address

    def start_flink(self, step: StepOf) -> None:
        """See `Platform`. The client's JVM warms up while the cluster starts."""
        with step("job environment"):
            environment("job")
        self.flink.configure()
        with ThreadPoolExecutor(2) as pool:
            client = pool.submit(self._start_client, step)
            with step("Flink cluster") as shown:
                self.flink.start()
                shown.note = self.flink_address
            client.result()

    def _start_client(self, step: StepOf) -> None:
        with step("Flink client"):
            self._submitter.start(self.flink)

    def start_serving(self, step: StepOf, now: datetime) -> None:
        """See `Platform`."""
        with step("serving") as shown:
            self._serving.start(self.redis_address, now)
            self.serving_address = shown.note = self._serving.address

    def create_topics(self, topics: Mapping[str, int]) -> None:
        """See `Platform`."""
        self._kafka.create_topics([NewTopic(name, partitions, 1) for name, partitions in topics.items()])

    def redis(self) -> redis_client.Redis:
        """See `Platform`."""
        return self._redis.client()

    def submit(self, program: Path, arguments: Sequence[str | Path], environment: Mapping[str, str]) -> str:
        """See `Platform`."""
        return self._submitter.submit(program, arguments, environment)

    def job_state(self, job: str) -> str:
        """See `Platform`."""
        return self.flink.job_state(job)

    def root_cause(self, job: str) -> str:
        """See `Platform`."""
        return self.flink.root_cause(job)

    def ask(self, entities: Sequence[str], features: Sequence[str]) -> list[Answer]:
        """See `Platform`."""
        return self._serving.ask(entities, features)
