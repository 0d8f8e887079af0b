"""What a local run needs of a platform: child processes (`embedded.py`) now, containers later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import redis as redis_client

from featuremill_local.progress import Step
from featuremill_local.serving_process import Answer

# Opens a step of the progress display; parts start in several threads at once.
StepOf = Callable[[str], AbstractContextManager[Step]]


class Platform(Protocol):
    """A broker, a session cluster, a Redis and serving, on addresses of this run's own."""

    kafka_address: str
    redis_address: str
    flink_address: str
    serving_address: str

    def prepare_serving(self, step: StepOf) -> None:
        """Make ready what serving runs in; it can be started only later, when its clock is known."""

    def start_kafka(self, step: StepOf) -> None:
        """Start the broker and wait until it answers."""

    def start_redis(self, step: StepOf) -> None:
        """Start Redis and wait until it answers."""

    def start_flink(self, step: StepOf) -> None:
        """Start the session cluster and what submits to it, and wait until both can take a job."""

    def start_serving(self, step: StepOf, now: datetime) -> None:
        """Start the gRPC service with `now` as its clock, and wait until it answers."""

    def create_topics(self, topics: Mapping[str, int]) -> None:
        """Create topics: name -> number of partitions."""

    def redis(self) -> redis_client.Redis:
        """A client of the run's Redis that reads text."""

    def submit(self, program: Path, arguments: Sequence[str | Path], environment: Mapping[str, str]) -> str:
        """Run a PyFlink program on the cluster; its job's id."""

    def job_state(self, job: str) -> str:
        """The state of a job, in Flink's words."""

    def root_cause(self, job: str) -> str:
        """Why a job failed, in a sentence."""

    def ask(self, entities: Sequence[str], features: Sequence[str]) -> list[Answer]:
        """`GetFeatures` for each entity."""
