"""Traces, as a collector gets them."""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from featuremill_local.environments import python
from featuremill_serving.v1 import serving_pb2 as wire
from serving_harness import (
    DEADLINE_S,
    FIXTURES,
    NOW,
    RedisServer,
    Service,
    StartService,
    free_port,
    refusal,
    wait_until,
)

pytestmark = pytest.mark.slow
HERE = Path(__file__).resolve().parent
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
CALLER = ("traceparent", f"00-{TRACE}-{PARENT}-01")
REGISTRY = ("--registry", str(FIXTURES / "registry.json"), "--now", NOW)
Span = dict[str, Any]
StartTraced = Callable[..., Service]


class Collector:
    """A receiver's process, and what it has got."""

    def __init__(self, folder: Path) -> None:
        self._lines = folder / "spans"
        with self._lines.open("wb") as lines:
            command = [str(python("tracing")), str(HERE / "otlp_receiver.py")]
            self.process = subprocess.Popen(command, stdout=lines)
        wait_until(lambda: self._lines.read_text(encoding="utf-8").endswith("\n"), "the collector listens")
        self.endpoint = self._lines.read_text(encoding="utf-8").split()[0]

    @property
    def text(self) -> str:
        return self._lines.read_text(encoding="utf-8")

    def spans(self, count: int) -> dict[str, Span]:
        """The spans by name, once there are so many."""
        wait_until(lambda: self.text.count("\n") > count, f"{count} spans are there")
        spans = [json.loads(line) for line in self.text.splitlines()[1:]]
        assert len(spans) == count
        return {span["name"]: span for span in spans}


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collector]:
    started = Collector(tmp_path)
    yield started
    started.process.kill()
    started.process.wait()


@pytest.fixture
def start_traced(start_service: StartService, own_redis: RedisServer) -> StartTraced:
    """Starts services that have OpenTelemetry, and send what they have at once."""

    def start(*arguments: str, **options: Any) -> Service:
        options = {"OTEL_BSP_SCHEDULE_DELAY": "50"} | options
        command = (str(python("tracing")), "-m", "featuremill_serving")
        return start_service("--redis", own_redis.address, *arguments, command=command, **options)

    return start


def test_a_call_by_grpc(start_traced: StartTraced, collector: Collector) -> None:
    service = start_traced(*REGISTRY, "--trace-endpoint", collector.endpoint)
    request = wire.BatchGetFeaturesRequest(entity_names=["airport:A", "airport:SECRET"], feature_set="delay_model_v3")
    service.stub.BatchGetFeatures(request, timeout=5, metadata=[CALLER])
    spans = collector.spans(2)
    call, read = spans["featuremill.serving.v1.FeatureService/BatchGetFeatures"], spans["HMGET"]
    assert (call["trace"], call["parent"]) == (TRACE, PARENT)
    assert (read["trace"], read["parent"]) == (TRACE, call["span"])
    assert (call["kind"], read["kind"]) == (2, 3)
    assert call["attributes"] == {
        "rpc.system": "grpc",
        "rpc.service": "featuremill.serving.v1.FeatureService",
        "rpc.method": "BatchGetFeatures",
        "rpc.grpc.status_code": 0,
        "featuremill.feature_set": "delay_model_v3",
        "featuremill.entity_count": 2,
    }
    assert read["attributes"] == {
        "db.system.name": "redis",
        "db.operation.name": "HMGET",
        "db.operation.batch.size": 2,
        "featuremill.field_count": 5,
    }
    assert call["resource"]["service.name"] == "featuremill-serving"
    assert "SECRET" not in collector.text


def test_one_entity_by_grpc(start_traced: StartTraced, collector: Collector) -> None:
    service = start_traced(*REGISTRY, "--trace-endpoint", collector.endpoint, "--trace-entity-names")
    for entity in ("airport:A", "airport:B"):  # the second is asked the same as the first
        assert service.statuses(entity, "remark", "temperature") == ["DEFAULTED", "MISSING"]
    collector.spans(4)
    calls = [json.loads(line)["attributes"] for line in collector.text.splitlines()[1:] if "GetFeatures" in line]
    assert [call["featuremill.entity_names"] for call in calls] == [["airport:A"], ["airport:B"]]
    assert [call["featuremill.feature_count"] for call in calls] == [2, 2]
    assert [call["rpc.grpc.status_code"] for call in calls] == [0, 0]


def test_a_call_over_http(start_traced: StartTraced, collector: Collector) -> None:
    arguments = (*REGISTRY, "--trace-endpoint", collector.endpoint, "--trace-entity-names")
    client = start_traced(*arguments, by_http=True).stub.client
    asked = {"entityName": "airport:A", "featureNames": ["remark", "temperature"]}
    assert client.post("/v1/features:get", json=asked, headers=[CALLER]).status_code == 200
    spans = collector.spans(2)
    call = spans["POST /v1/features:get"]
    assert (call["trace"], call["parent"]) == (TRACE, PARENT)
    assert (spans["HMGET"]["trace"], spans["HMGET"]["parent"]) == (TRACE, call["span"])
    assert call["attributes"] == {
        "http.request.method": "POST",
        "http.route": "/v1/features:get",
        "http.response.status_code": 200,
        "rpc.method": "GetFeatures",
        "rpc.grpc.status_code": 0,
        "featuremill.feature_count": 2,
        "featuremill.entity_count": 1,
        "featuremill.entity_names": ["airport:A"],
    }


def test_failures_and_whose_they_are(start_traced: StartTraced, collector: Collector, own_redis: RedisServer) -> None:
    service = start_traced("--trace-endpoint", collector.endpoint, by_http=True)
    get = "featuremill.serving.v1.FeatureService/GetFeatures"
    refusal(lambda: service.grpc_stub.GetFeatures(wire.GetFeaturesRequest(), timeout=5))
    refused = collector.spans(1)[get]
    assert (refused["attributes"]["rpc.grpc.status_code"], refused["failed"], refused["parent"]) == (3, False, "")
    own_redis.kill()
    request = wire.GetFeaturesRequest(entity_name="airport:SECRET", feature_names=["remark"])
    refusal(lambda: service.grpc_stub.GetFeatures(request, timeout=5))
    refusal(lambda: service.stub.GetFeatures(request, timeout=5))
    spans = collector.spans(5)
    for name in (get, "POST /v1/features:get"):
        assert (spans[name]["attributes"]["rpc.grpc.status_code"], spans[name]["failed"]) == (14, True)
    assert (spans["HMGET"]["failed"], spans["HMGET"]["attributes"]["error.type"]) == (True, "StoreUnavailable")
    assert {span["events"] for span in spans.values()} == {0}
    assert "SECRET" not in collector.text


def test_what_the_caller_says_of_sampling_counts(start_traced: StartTraced, collector: Collector) -> None:
    service = start_traced("--trace-endpoint", collector.endpoint)
    request = wire.GetFeaturesRequest(entity_name="airport:A", feature_names=["remark"])
    service.stub.GetFeatures(request, timeout=5, metadata=[("traceparent", f"00-{TRACE}-{PARENT}-00")])
    service.stub.GetFeatures(request, timeout=5, metadata=[("traceparent", "nonsense")])
    spans = collector.spans(2)
    assert {span["trace"] for span in spans.values()} != {TRACE}


def test_the_standard_variables(start_traced: StartTraced, collector: Collector) -> None:
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_SERVICE_NAME": "eta-features"}
    service = start_traced(**variables)
    service.statuses("airport:A", "remark")
    assert {span["resource"]["service.name"] for span in collector.spans(2).values()} == {"eta-features"}
    off = start_traced(**variables, OTEL_SDK_DISABLED="true")
    off.statuses("airport:A", "remark")
    off.process.send_signal(signal.SIGTERM)
    assert off.wait_exit() == 0
    assert len(collector.spans(2)) == 2


def test_what_is_left_at_the_end_is_sent(start_traced: StartTraced, collector: Collector) -> None:
    service = start_traced("--trace-endpoint", collector.endpoint, OTEL_BSP_SCHEDULE_DELAY="60000")
    service.statuses("airport:A", "remark")
    service.process.send_signal(signal.SIGTERM)
    assert service.wait_exit() == 0
    collector.spans(2)


@pytest.mark.parametrize("collector_is", ["down", "hanging"])
def test_a_collector_that_takes_nothing_is_nothing_to_callers(start_traced: StartTraced, collector_is: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1] if collector_is == "hanging" else free_port()
        service = start_traced("--trace-endpoint", f"http://127.0.0.1:{port}", OTEL_BSP_MAX_QUEUE_SIZE="600")
        seconds = []
        for _ in range(1000):  # more spans than are kept
            started = time.monotonic()
            assert service.statuses("airport:A", "remark") == ["MISSING"]
            seconds.append(time.monotonic() - started)
        assert sorted(seconds)[len(seconds) // 2] < 0.1
        assert max(seconds) < DEADLINE_S / 4
        started = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        assert service.wait_exit() == 0
        assert time.monotonic() - started < DEADLINE_S / 4
    assert "Traceback" not in service.log
    # how much of the end OpenTelemetry waits for is its own affair, and differs between machines
    assert "Queue full, dropping Span" in service.log


def test_opentelemetry_is_not_there(own_redis: RedisServer, start_service: StartService) -> None:
    endpoint = "http://127.0.0.1:4317"
    for mode in ((), ("--check",)):
        asked = start_service("--redis", own_redis.address, "--trace-endpoint", endpoint, *mode, ready=False)
        assert asked.wait_exit() == 2
        assert "help: install featuremill-serving[tracing]" in asked.log
        assert "Traceback" not in asked.log
    service = start_service("--redis", own_redis.address, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
    assert service.statuses("airport:A", "remark") == ["MISSING"]
    assert "no traces, though the environment asks for them" in service.log
