"""What whoever runs the service sees: metrics, probes, the log, --check, a drain, an overload."""

import json
import select
import signal
import threading
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from serving_harness import (
    DEADLINE_S,
    FIXTURES,
    NOW,
    NOW_MS,
    Gate,
    RedisServer,
    StartService,
    free_port,
    http_get,
    metric,
    refusal,
    wait_until,
)

REGISTRY = str(FIXTURES / "registry.json")


def test_metrics(own_redis: RedisServer, start_service: StartService, tmp_path: Path) -> None:
    registry = tmp_path / "registry.json"
    registry.write_text(Path(REGISTRY).read_text(encoding="utf-8"), encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    arguments = ["--redis", own_redis.address, "--registry", str(registry), "--now", NOW, "--metrics", address]
    service = start_service(*arguments)
    own_redis.write("airport:JFK", {"departures_1h": "17"}, {"airport_departure_delay": NOW_MS - 500_000})
    service.batch(["airport:JFK", "airport:NONE"], feature_set="delay_model_v3")
    service.get("airport:JFK", ["departures_1h", "nonsense"])
    service.fails("airport:JFK", "")
    registry.write_text("{", encoding="utf-8")
    wait_until(lambda: "registry refused" in service.log, "the broken registry is refused")

    _, text = http_get(address, "/metrics")

    assert metric(text, "featuremill_requests_total", method="BatchGetFeatures", code="OK") == 1
    assert metric(text, "featuremill_requests_total", method="GetFeatures", code="OK") == 1
    assert metric(text, "featuremill_requests_total", method="GetFeatures", code="INVALID_ARGUMENT") == 1
    assert metric(text, "featuremill_request_seconds_count", method="GetFeatures") == 2
    of_the_set = {
        status: metric(text, "featuremill_values_total", feature_set="delay_model_v3", status=status)
        for status in ("PRESENT", "MISSING", "DEFAULTED")
    }
    assert of_the_set == {"PRESENT": 1, "MISSING": 3, "DEFAULTED": 2}
    assert metric(text, "featuremill_values_total", feature_set="-", status="UNKNOWN_FEATURE") == 1
    assert metric(text, "featuremill_value_age_seconds_sum", feature_set="delay_model_v3") == 500
    assert metric(text, "featuremill_registry_refused_total") == 1
    assert metric(text, "featuremill_registry_loaded_timestamp_seconds") > 1e9
    assert metric(text, "featuremill_redis_up") == 1


def test_probes(own_redis: RedisServer, start_service: StartService) -> None:
    address = f"127.0.0.1:{free_port()}"
    start_service("--redis", own_redis.address, "--metrics", address)
    assert http_get(address, "/readyz") == (200, "ready\n")
    own_redis.kill()
    wait_until(lambda: http_get(address, "/readyz") == (503, "not ready\n"), "it tells that Redis is gone")
    assert http_get(address, "/livez") == (200, "alive\n")
    assert http_get(address, "/")[0] == 404


def test_it_lives_but_is_not_ready_while_it_waits(start_service: StartService) -> None:
    address = f"127.0.0.1:{free_port()}"
    redis = f"127.0.0.1:{free_port()}"
    service = start_service("--redis", redis, "--wait-for-redis", "60", "--metrics", address, ready=False)
    wait_until(lambda: "waiting for Redis" in service.log, "it waits")
    assert http_get(address, "/livez")[0] == 200
    assert http_get(address, "/readyz")[0] == 503


def test_it_is_ready_once_every_connection_is_open(own_redis: RedisServer, start_service: StartService) -> None:
    address = f"127.0.0.1:{free_port()}"
    with Gate(own_redis.port, b"PING") as gate:
        flags = ["--redis", gate.address, "--redis-connections", "3", "--redis-timeout", "15", "--metrics", address]
        service = start_service(*flags, "--registry", REGISTRY, ready=False)
        assert gate.reached.wait(DEADLINE_S)
        assert select.select([service.process.stdout], [], [], 0.5)[0] == []
        assert http_get(address, "/readyz") == (503, "not ready\n")
        gate.opened.set()
        service.wait_ready()
        assert http_get(address, "/readyz") == (200, "ready\n")
        clients = own_redis.client.info("stats")["total_connections_received"]
        assert len(own_redis.client.client_list()) == 3 + 1
        for _ in range(10):
            assert service.statuses("airport:A", "temperature") == ["MISSING"]
        assert own_redis.client.info("stats")["total_connections_received"] == clients


def test_the_log_of_calls_as_json(own_redis: RedisServer, start_service: StartService) -> None:
    service = start_service("--redis", own_redis.address, "--log-format", "json", "--log-requests")
    call = service.channel.unary_unary("/featuremill.serving.v1.FeatureService/GetFeatures")
    call(b"\x0a\x06echo:1\x12\x02me", timeout=5, metadata=[("x-request-id", "abc-1")])
    own_redis.kill()
    service.fails("echo:1", "me")
    lines = [json.loads(line) for line in service.log.splitlines()]
    calls = [line for line in lines if line["message"].startswith("GetFeatures")]
    assert [(line["level"], line["code"]) for line in calls] == [("INFO", "OK"), ("WARNING", "UNAVAILABLE")]
    assert calls[0]["request_id"] == "abc-1"
    assert len(calls[1]["request_id"]) == 32
    assert calls[0]["peer"].startswith("ipv4:127.0.0.1:")


def test_only_what_is_ours_to_mend_is_logged(own_redis: RedisServer, start_service: StartService) -> None:
    service = start_service("--redis", own_redis.address)
    service.get("echo:1", ["me"])
    service.fails("echo:1", "")
    assert "GetFeatures" not in service.log


def test_check(own_redis: RedisServer, start_service: StartService, tmp_path: Path) -> None:
    arguments = ["--redis", own_redis.address, "--registry", REGISTRY, "--check"]
    good = start_service(*arguments, ready=False)
    assert good.wait_exit() == 0
    assert good.process.stdout is not None
    said = good.process.stdout.read().decode()
    assert f"ok: Redis at {own_redis.address}, a registry of 5 features" in said
    assert "listening" not in said
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    broken = start_service(*arguments[:3], str(tmp_path / "broken.json"), "--check", ready=False)
    assert broken.wait_exit() == 5
    nobody = start_service("--redis", f"127.0.0.1:{free_port()}", "--check", ready=False)
    assert nobody.wait_exit() == 4


def test_while_it_drains_calls_are_taken_and_health_says_no(
    own_redis: RedisServer, start_service: StartService
) -> None:
    service = start_service("--redis", own_redis.address, "--drain", "60")
    stub = health_pb2_grpc.HealthStub(service.channel)
    name = health_pb2.HealthCheckRequest(service="featuremill.serving.v1.FeatureService")
    service.process.send_signal(signal.SIGTERM)
    not_serving = health_pb2.HealthCheckResponse.NOT_SERVING
    wait_until(lambda: stub.Check(name, timeout=5).status == not_serving, "health tells it")
    assert service.statuses("echo:1", "me") == ["MISSING"]
    assert service.process.poll() is None


def test_what_is_too_much_is_refused_at_once(own_redis: RedisServer, start_service: StartService, gate: Gate) -> None:
    service = start_service("--redis", gate.address, "--max-reads", "20")
    waiting = threading.Thread(target=lambda: service.batch([f"echo:{number}" for number in range(15)], ["me"]))
    waiting.start()
    gate.reached.wait(5)
    code, message = refusal(lambda: service.batch([f"echo:{number}" for number in range(6)], ["me"]))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert message == "too many reads are under way; try again after a pause"
    # no read: nothing to refuse
    assert service.statuses("echo:1", "@me") == ["MISSING"]
    gate.opened.set()
    waiting.join()
    # what has ended counts no more
    for _ in range(3):
        service.batch([f"echo:{number}" for number in range(20)], ["me"])
    # no pause would help
    code, message = refusal(lambda: service.batch([f"echo:{number}" for number in range(21)], ["me"]))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert message == "21 entities are asked for, and at most 20 are read at once"


def test_a_request_that_is_too_large_is_refused(own_redis: RedisServer, start_service: StartService) -> None:
    service = start_service("--redis", own_redis.address, "--max-request-bytes", "1000")
    code, _ = service.fails("echo:1", "x" * 1000)
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert service.statuses("echo:1", "me") == ["MISSING"]


@pytest.mark.parametrize("deadline_s", [0.15, 5.0])
def test_a_read_is_tried_again_only_while_its_caller_waits(
    own_redis: RedisServer, start_service: StartService, gate: Gate, deadline_s: float
) -> None:
    service = start_service("--redis", gate.address, "--redis-attempts", "10")
    gate.opened.set()
    gate.cuts = 6
    try:
        service.get("echo:1", ["me"], timeout_s=deadline_s)
        code = grpc.StatusCode.OK
    except grpc.RpcError as error:
        code = error.code()
    assert (code == grpc.StatusCode.OK) == (deadline_s > 1)
    assert code in (grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
