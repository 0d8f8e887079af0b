"""The gRPC service of a run: a process of the serving environment, and a client of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import grpc

from featuremill_local.environments import process_environment, python
from featuremill_local.places import REPOSITORY
from featuremill_local.processes import Process, Processes

START_SECONDS = 30.0
ASK_SECONDS = 60.0
CALLS_AT_ONCE = 200
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
        command: list[str | Path] = [
            python("serving"),
            "-m",
            "featuremill_serving",
            "--redis",
            redis,
            "--listen",
            "127.0.0.1:0",
        ]
        self.process = self._processes.start(
            "serving", [*command, "--now", now.isoformat()], env=process_environment("serving")
        )
        self.process.wait_until(self._listens, START_SECONDS, "it answered")

    def ask(self, entities: Sequence[str], features: Sequence[str]) -> list[Answer]:
        """`GetFeatures` for each entity, with event times. Raises `grpc.RpcError`."""
        # a proxy of the user's is for the world outside, not for this machine
        with grpc.insecure_channel(self.address, options=[("grpc.enable_http_proxy", 0)]) as channel:
            answers: list[Answer] = []
            # many under way at once: one after the other costs a round trip each; a server turns away more than 1000
            for start in range(0, len(entities), CALLS_AT_ONCE):
                answers += _ask_at_once(channel, entities[start : start + CALLS_AT_ONCE], features)
            return answers

    def _listens(self) -> bool:
        assert self.process is not None
        found = re.search(r"^listening (\S+)$", self.process.log_text(), re.MULTILINE)
        if found:
            self.address = found.group(1)
        return found is not None


def _ask_at_once(channel: grpc.Channel, entities: Sequence[str], features: Sequence[str]) -> list[Answer]:
    messages, services = _stubs()
    stub = services.FeatureServiceStub(channel)
    names = list(features)
    calls = [
        stub.GetFeatures.future(
            messages.GetFeaturesRequest(entity_name=entity, feature_names=names, with_event_times=True),
            timeout=ASK_SECONDS,
        )
        for entity in entities
    ]
    answers = []
    for entity, call in zip(entities, calls, strict=True):
        response = call.result()
        statuses = [messages.FeatureStatus.Name(status).removeprefix("FEATURE_STATUS_") for status in response.statuses]
        answers.append(Answer(entity, list(response.values), statuses, list(response.event_times_ms)))
    return answers


@cache
def _stubs() -> tuple[Any, Any]:
    # the contract itself, compiled now: nothing of serving's own code is imported here
    import sys

    sys.path.insert(0, str(REPOSITORY / "proto"))
    try:
        return grpc.protos_and_services(PROTO)
    finally:
        sys.path.remove(str(REPOSITORY / "proto"))
