"""Redis dies, hangs, comes back, wants a password."""

from pathlib import Path

import grpc
from featuremill_serving.v1 import serving_pb2 as wire
from grpc_health.v1 import health_pb2, health_pb2_grpc
from serving_harness import DEADLINE_S, Gate, RedisServer, Service, StartService, wait_until

UNAVAILABLE = (grpc.StatusCode.UNAVAILABLE, "the feature store can't be read at the moment; try again")


def is_healthy(service: Service, name: str = "featuremill.serving.v1.FeatureService") -> bool:
    stub = health_pb2_grpc.HealthStub(service.channel)
    answer = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=5)
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def test_a_dead_redis_is_survived(own_redis: RedisServer, start_service: StartService) -> None:
    service = start_service("--redis", own_redis.address)
    own_redis.write("airport:JFK", {"departures_1h": "17"})
    assert service.statuses("airport:JFK", "departures_1h") == ["PRESENT"]
    assert is_healthy(service)

    own_redis.kill()
    assert service.fails("airport:JFK", "departures_1h") == UNAVAILABLE
    wait_until(lambda: not is_healthy(service), "health tells it")
    assert is_healthy(service, "")

    own_redis.start()
    own_redis.write("airport:JFK", {"departures_1h": "18"})
    assert list(service.get("airport:JFK", ["departures_1h"]).values) == ["18"]
    wait_until(lambda: is_healthy(service), "health tells it")
    assert "can be read again" in service.log
    assert "Traceback" not in service.log


def test_a_restart_costs_the_callers_nothing(own_redis: RedisServer, start_service: StartService) -> None:
    service = start_service("--redis", own_redis.address)
    assert service.statuses("airport:JFK", "departures_1h") == ["MISSING"]
    own_redis.kill()
    own_redis.start()
    assert service.statuses("airport:JFK", "departures_1h") == ["MISSING"]


def test_a_read_whose_connection_breaks_is_tried_three_times(
    own_redis: RedisServer, start_service: StartService, gate: Gate
) -> None:
    service = start_service("--redis", gate.address)
    gate.opened.set()
    gate.cuts = 2
    assert service.statuses("airport:JFK", "departures_1h") == ["MISSING"]
    gate.cuts = 3
    assert service.fails("airport:JFK", "departures_1h") == UNAVAILABLE


def test_a_redis_that_hangs_is_not_waited_for(own_redis: RedisServer, start_service: StartService) -> None:
    service = start_service("--redis", own_redis.address)
    assert service.statuses("airport:JFK", "departures_1h") == ["MISSING"]
    own_redis.freeze()
    assert service.fails("airport:JFK", "departures_1h") == UNAVAILABLE


def test_a_password_comes_by_the_environment(tmp_path: Path, start_service: StartService) -> None:
    with RedisServer(tmp_path, "--requirepass", "hun,ter 2") as redis:
        service = start_service("--redis", redis.address, FEATUREMILL_REDIS_PASSWORD="hun,ter 2")
        assert service.statuses("airport:JFK", "departures_1h") == ["MISSING"]
        for environment in ({}, {"FEATUREMILL_REDIS_PASSWORD": "wr0ng"}):
            refused = start_service("--redis", redis.address, "--wait-for-redis", "60", ready=False, **environment)
            assert refused.wait_exit() == 4
            assert f"error: Redis at {redis.address} refused the login" in refused.log
            assert "help: put its password into the environment variable FEATUREMILL_REDIS_PASSWORD" in refused.log
            assert "wr0ng" not in refused.log
            assert "Traceback" not in refused.log


def test_a_unix_socket(own_redis: RedisServer, start_service: StartService) -> None:
    service = start_service("--redis", f"unix:{own_redis.socket}")
    own_redis.write("airport:JFK", {"departures_1h": "17"})
    assert service.statuses("airport:JFK", "departures_1h") == ["PRESENT"]


def test_a_call_that_was_given_up_leaves_nothing_for_the_next(
    own_redis: RedisServer, start_service: StartService, gate: Gate
) -> None:
    service = start_service("--redis", gate.address)
    for number in range(10):
        own_redis.write(f"echo:{number}", {"me": str(number)})
    given_up = service.stub.GetFeatures.future(wire.GetFeaturesRequest(entity_name="echo:0", feature_names=["me"]))
    assert gate.reached.wait(DEADLINE_S)
    given_up.cancel()
    gate.opened.set()
    for number in range(1, 10):
        assert list(service.get(f"echo:{number}", ["me"]).values) == [str(number)]
