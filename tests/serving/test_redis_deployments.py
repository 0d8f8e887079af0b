"""One suite against Redis in each way that it is run, and what only some of them have: failovers, slots that move."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from featuremill_serving.store.shape import slot_of
from redis_deployments import DEPLOYMENTS, SLOTS, Deployment, begin_move, cluster, end_move, replicas, sentinels
from serving_harness import FIXTURES, RedisKind, RedisServer, Service, StartService, refusal, status_names, wait_until

pytestmark = pytest.mark.slow

REGISTRY = (FIXTURES / "registry.json").read_text(encoding="utf-8")
UNAVAILABLE = (grpc.StatusCode.UNAVAILABLE, "the feature store can't be read at the moment; try again")


# each with one kind, and those in which kinds could differ with another
RUNS = [(name, RedisKind.VALKEY) for name in DEPLOYMENTS]
RUNS += [(name, RedisKind.REDIS) for name in ("acl", "sentinels", "cluster")]


@pytest.fixture(scope="module", params=RUNS, ids="-".join)
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    name, kind = request.param
    with DEPLOYMENTS[name](tmp_path_factory.mktemp("d"), kind) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def service(engine: str, deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    with Service(folder, "--engine", engine, *deployment.flags, environment=deployment.environment) as service:
        yield service


def read(service: Service, entity: str) -> list[str]:
    return list(service.get(entity, ["me"]).values)


def hmgets(server: RedisServer) -> int:
    """How many a server has answered."""
    calls: int = server.client.info("commandstats").get("cmdstat_hmget", {"calls": 0})["calls"]
    return calls


def test_an_entity_is_read(deployment: Deployment, service: Service) -> None:
    deployment.client.hset("echo:1", "me", "first")
    wait_until(lambda: read(service, "echo:1") == ["first"], "the value is there, on a replica, too")
    assert service.statuses("echo:none", "me") == ["MISSING"]


def test_a_batch_is_in_order(deployment: Deployment, service: Service) -> None:
    for number in range(300):
        deployment.client.hset(f"batch:{number}", "me", number)
    names = [f"batch:{number}" for number in [*range(300), 7, 7, 299]]
    wanted = [name.partition(":")[2] for name in names]
    wait_until(lambda: list(service.batch(names, ["me"]).values) == wanted, "all values, in order")


def test_what_is_no_entity_is_named(deployment: Deployment, service: Service) -> None:
    deployment.client.set("echo:string", "x")
    wait_until(lambda: service.fails("echo:string", "me")[0] != grpc.StatusCode.OK, "the string is there")
    for code, message in (
        service.fails("echo:string", "me"),
        refusal(lambda: service.batch(["echo:1", "echo:string"], ["me"])),
    ):
        assert code == grpc.StatusCode.FAILED_PRECONDITION
        assert message == "what is stored under 'echo:string' is not an entity's features"


def test_the_registry_is_read_from_it(deployment: Deployment, service: Service, start_service: StartService) -> None:
    deployment.client.set("@registry", REGISTRY)
    try:
        later = start_service(*deployment.flags, **deployment.environment)
        wait_until(lambda: later.statuses("airport:JFK", "remark") == ["DEFAULTED"], "it is in use")
    finally:
        deployment.client.delete("@registry")


def test_replicas_are_read_and_the_master_in_their_absence(tmp_path: Path, start_service: StartService) -> None:
    with replicas(tmp_path) as deployment:
        master, first, second = deployment.servers
        service = start_service(*deployment.flags, **deployment.environment)
        deployment.client.hset("echo:1", "me", "here")
        wait_until(lambda: all(each.client.hlen("echo:1") for each in (first, second)), "the replicas have it")
        for server in deployment.servers:
            server.client.config_resetstat()
        for _ in range(20):
            assert read(service, "echo:1") == ["here"]
        calls = [hmgets(each) for each in deployment.servers]
        assert calls[0] == 0
        assert min(calls[1:]) >= 5
        first.kill()
        assert read(service, "echo:1") == ["here"]
        second.kill()
        assert read(service, "echo:1") == ["here"]
        assert hmgets(master) >= 1


def test_the_replica_of_a_cluster_is_read(tmp_path: Path, start_service: StartService) -> None:
    with cluster(tmp_path) as deployment:
        service = start_service(*deployment.flags, "--redis-read-from", "replicas", **deployment.environment)
        first, *_, replica = deployment.servers
        names = [f"echo:{number}" for number in range(50)]
        for name in names:
            deployment.client.hset(name, "me", name)
        wait_until(lambda: replica.client.dbsize() == first.client.dbsize(), "the replica has all of it")
        before = hmgets(first)
        assert list(service.batch(names, ["me"]).values) == names
        assert hmgets(first) == before
        assert hmgets(replica) >= 1


def test_a_failover_by_sentinels_is_survived(tmp_path: Path, start_service: StartService) -> None:
    with sentinels(tmp_path) as deployment:
        service = start_service(*deployment.flags, **deployment.environment)
        master, replica = deployment.servers
        deployment.client.hset("echo:1", "me", "here")
        wait_until(lambda: replica.client.hlen("echo:1") == 1, "the replica has it")
        master.kill()
        seen: set[tuple[grpc.StatusCode, str]] = set()

        def goes_on() -> bool:
            seen.add(service.fails("echo:1", "me"))
            return any(code == grpc.StatusCode.OK for code, _ in seen)

        wait_until(goes_on, "the other one is read")
        assert seen <= {UNAVAILABLE, (grpc.StatusCode.OK, "")}
        assert read(service, "echo:1") == ["here"]
        assert f"127.0.0.1:{replica.port}" in service.log
        assert "Traceback" not in service.log


def test_a_failover_of_the_cluster_is_survived(tmp_path: Path, start_service: StartService) -> None:
    with cluster(tmp_path) as deployment:
        service = start_service(*deployment.flags, **deployment.environment)
        first, *_, replica = deployment.servers
        names = [f"echo:{number}" for number in range(50)]
        for name in names:
            deployment.client.hset(name, "me", name)
        theirs = [name for name in names if slot_of(name.encode()) > SLOTS[0][1]]
        lost = next(name for name in names if slot_of(name.encode()) <= SLOTS[0][1])
        wait_until(lambda: replica.client.dbsize() == first.client.dbsize(), "the replica has all of it")
        first.kill()
        # what the other master has is answered all the while
        assert list(service.batch(theirs, ["me"]).values) == theirs
        wait_until(lambda: service.fails(lost, "me")[0] == grpc.StatusCode.OK, "the replica has taken over")
        assert list(service.batch(names, ["me"]).values) == names
        assert "Traceback" not in service.log


def test_a_slot_that_moves_is_followed(tmp_path: Path, start_service: StartService) -> None:
    with cluster(tmp_path) as deployment:
        service = start_service(*deployment.flags, **deployment.environment)
        names = [f"echo:{number}" for number in range(50)]
        for name in names:
            deployment.client.hset(name, "me", name)
        moving = next(name for name in names if slot_of(name.encode()) <= SLOTS[0][1])
        slot = slot_of(moving.encode())
        for move in (begin_move, end_move):
            move(deployment, slot)
            for _ in range(3):
                assert read(service, moving) == [moving]
                assert list(service.batch(names, ["me"]).values) == names
            assert status_names(service.batch([moving, "echo:none"], ["me"])) == ["PRESENT", "MISSING"]
