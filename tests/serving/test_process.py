"""The process: its start, its refusals, its end."""

import json
import signal
import socket
import threading
from pathlib import Path

import grpc
import pytest
from featuremill_serving.v1 import serving_pb2 as wire
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from serving_harness import DEADLINE_S, Gate, RedisServer, Service, StartService, free_port, status_names, wait_until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(shared_redis: RedisServer, start_service: StartService, number: signal.Signals) -> None:
    service = start_service("--redis", shared_redis.address)
    assert service.statuses("airport:NONE", "departures_1h") == ["MISSING"]
    service.process.send_signal(number)
    assert service.wait_exit() == 0
    assert "Traceback" not in service.log
    assert service.fails("airport:NONE", "departures_1h")[0] == grpc.StatusCode.UNAVAILABLE


def test_ctrl_c_is_not_for_what_a_script_runs_in_the_background(
    shared_redis: RedisServer, start_service: StartService
) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        service = start_service("--redis", shared_redis.address)
    finally:
        signal.signal(signal.SIGINT, before)
    service.process.send_signal(signal.SIGINT)
    assert service.statuses("airport:NONE", "departures_1h") == ["MISSING"]
    assert "stopping" not in service.log


def test_a_call_under_way_is_finished(own_redis: RedisServer, start_service: StartService, gate: Gate) -> None:
    service = start_service("--redis", gate.address)
    own_redis.write("airport:JFK", {"departures_1h": "17"})
    answers: list[list[str]] = []
    call = threading.Thread(target=lambda: answers.append(service.statuses("airport:JFK", "departures_1h")))
    call.start()
    assert gate.reached.wait(DEADLINE_S)
    service.process.send_signal(signal.SIGTERM)
    wait_until(lambda: "stopping" in service.log, "it is told to stop")
    gate.opened.set()
    call.join()
    assert answers == [["PRESENT"]]
    assert service.wait_exit() == 0


def test_a_connection_that_is_too_old_is_left_when_its_call_is_answered(
    own_redis: RedisServer, start_service: StartService, gate: Gate
) -> None:
    flags = ["--max-connection-age", "0.3", "--grace", "60", "--log-requests", "--log-format", "json"]
    service = start_service("--redis", gate.address, "--redis-timeout", "15", *flags)

    def peers(call: str) -> list[str]:
        lines = map(json.loads, service.log.splitlines())
        return [line["peer"] for line in lines if line["message"].startswith(call)]

    def lists() -> int:
        with pytest.raises(grpc.RpcError, match="has no registry"):
            service.stub.ListFeatures(wire.ListFeaturesRequest(), timeout=DEADLINE_S)
        return len(set(peers("ListFeatures")))

    request = wire.GetFeaturesRequest(entity_name="echo:1", feature_names=["me"])
    waiting = service.stub.GetFeatures.future(request, timeout=DEADLINE_S)
    assert gate.reached.wait(DEADLINE_S)
    wait_until(lambda: lists() >= 2, "calls come by a new connection")
    gate.opened.set()
    assert status_names(waiting.result()) == ["MISSING"]
    assert peers("GetFeatures")[0] != peers("ListFeatures")[-1]


def test_it_waits_for_redis_as_long_as_told(tmp_path: Path, start_service: StartService) -> None:
    redis = RedisServer(tmp_path)
    service = start_service("--redis", redis.address, "--wait-for-redis", "60", ready=False)
    with redis:
        service.wait_ready()
        assert service.statuses("airport:NONE", "departures_1h") == ["MISSING"]


def test_a_signal_ends_the_wait_for_redis(start_service: StartService) -> None:
    service = start_service("--redis", f"127.0.0.1:{free_port()}", "--wait-for-redis", "60", ready=False)
    wait_until(lambda: "waiting for Redis" in service.log, "it waits")
    service.process.send_signal(signal.SIGTERM)
    assert service.wait_exit() == 0
    assert service.process.stdout is not None
    assert service.process.stdout.read() == b""


def refusal(service: Service) -> tuple[int, str]:
    """The exit code and the log of a service that doesn't start."""
    code = service.wait_exit()
    assert service.process.stdout is not None
    assert service.process.stdout.read() == b""
    assert "Traceback" not in service.log
    return code, service.log


def test_no_redis(start_service: StartService) -> None:
    address = f"127.0.0.1:{free_port()}"
    code, log = refusal(start_service("--redis", address, ready=False))
    assert code == 4
    assert f"error: Redis at {address} can't be read" in log
    assert "help: start it, or give its address with --redis" in log


def test_a_redis_that_is_none(registered: Service, start_service: StartService) -> None:
    code, log = refusal(start_service("--redis", registered.address, ready=False))
    assert code == 4
    assert f"error: Redis at {registered.address} can't be read" in log


@pytest.mark.parametrize("taken_by", ["a plain socket", "another service"])
def test_a_port_in_use(
    shared_redis: RedisServer, unregistered: Service, start_service: StartService, taken_by: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = unregistered.address if taken_by == "another service" else f"127.0.0.1:{other.getsockname()[1]}"
        code, log = refusal(start_service("--redis", shared_redis.address, "--listen", address, ready=False))
    assert code == 3
    assert f"error: can't listen on {address}: Address already in use" in log
    assert "help: give --listen another port" in log


def test_a_host_that_isnt_ours(shared_redis: RedisServer, start_service: StartService) -> None:
    arguments = ("--redis", shared_redis.address, "--listen", "192.0.2.1:0", "--insecure-public")
    code, log = refusal(start_service(*arguments, ready=False))
    assert code == 3
    assert "error: can't listen on 192.0.2.1:0: Cannot assign requested address" in log


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--listen", "0.0.0.0:0", "--now", "2013-01-03T12:00:00Z"),
            "error: --now gives the service a clock of its own, which 0.0.0.0:0 would show to other machines\n"
            "help: leave --now out, or listen on loopback: --listen 127.0.0.1:0\n",
        ),
        (("--password", "x"), "unrecognized arguments"),
    ],
)
def test_a_mistake_on_the_command_line(start_service: StartService, arguments: tuple[str, ...], message: str) -> None:
    code, log = refusal(start_service(*arguments, ready=False))
    assert code == 2
    assert message in log


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "No such file or directory"), ("{", ":1:2: not JSON"), ('{"format": 7}', "format is 7")],
)
def test_a_broken_registry_file(
    shared_redis: RedisServer, start_service: StartService, tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "registry.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    code, log = refusal(start_service("--redis", shared_redis.address, "--registry", str(path), ready=False))
    assert code == 5
    assert f"error: {path}" in log
    assert message in log
    assert "help: " in log


def test_a_stock_client_finds_the_service_by_reflection(unregistered: Service) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(unregistered.channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    answer = next(iter(stub.ServerReflectionInfo(iter([request]), timeout=5)))
    assert "featuremill.serving.v1.FeatureService" in {
        service.name for service in answer.list_services_response.service
    }
