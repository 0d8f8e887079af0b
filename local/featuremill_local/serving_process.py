"""The gRPC service of a run: a process of the serving environment, and a client of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import grpc

from featuremill_local.environments import REPOSITORY, process_environment, python
from featuremill_local.processes import Process, Processes

START_SECONDS = 30.0
ASK_SECONDS = 60.0
PROTO = "featuremill/serving/v1/serving.proto"


@dataclass(frozen=True)
class Answer:
    """What the service says of one entity's features: each list is aligned with the names asked for."""

    entity: str
    values: list[str]
    statuses: list[str]
    event_times_ms: list[int]


class Serving:
    """One serving process. `now` is its clock for samples from the past."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self.address = ""
        self.process: Process | None = None

    def start(self, redis: str, now: datetime) -> None:
        """Start it and wait until it answers. Raises `PartError`."""
        command = [python("serving"), "-m", "featuremill_serving", "--redis", redis, "--listen", "127.0.0.1:0"]
        self.process = self._processes.start(
            "serving", [*command, "--now", now.isoformat()], env=process_environment("serving")
        )
        self.process.wait_until(self._listens, START_SECONDS, "it answered")

    def ask(self, entities: Sequence[str], features: Sequence[str]) -> list[Answer]:
        """`GetFeatures` for each entity, with event times. Raises `grpc.RpcError`."""
        messages, services = _stubs()
        names = list(features)
        with grpc.insecure_channel(self.address) as channel:
            stub = services.FeatureServiceStub(channel)
            # all under way at once: one after the other costs a round trip each
            calls = [
                stub.GetFeatures.future(
                    messages.GetFeaturesRequest(entity_name=entity, feature_names=names, with_event_times=True),
                    timeout=ASK_SECONDS,
                )
                for entity in entities
            ]
            return [
                Answer(
                    entity,
                    list(response.values),
                    [messages.FeatureStatus.Name(status).removeprefix("FEATURE_STATUS_") for status in response.statuses],
                    list(response.event_times_ms),
                )
                for entity, response in zip(entities, (call.result() for call in calls), strict=True)
            ]

    def _listens(self) -> bool:
        assert self.process is not None
        found = re.search(r"^listening (\S+)$", self.process.log_text(), re.MULTILINE)
        if found:
            self.address = found.group(1)
        return found is not None


@cache
def _stubs() -> tuple[Any, Any]:
    # the contract itself, compiled now: nothing of serving's own code is imported here
    import sys

    sys.path.insert(0, str(REPOSITORY / "proto"))
    try:
        return grpc.protos_and_services(PROTO)  # type: ignore[no-any-return]
    finally:
        sys.path.remove(str(REPOSITORY / "proto"))
