"""Real processes for the tests of serving: a Redis, and the service in its own interpreter."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parents[1] / "serving"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from featuremill_serving.engine import EngineName  # noqa: E402
from serving_harness import FIXTURES, NOW, Gate, RedisKind, RedisServer, Service, StartService  # noqa: E402

# what a caller sees: the same with every Redis
BEHAVIOUR = ("test_get_features", "test_batch_get_features", "test_feature_sets")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The tests of behaviour are run with every kind of Redis, all others with one."""
    if "redis_kind" in metafunc.fixturenames:
        every = metafunc.module.__name__.rpartition(".")[2] in BEHAVIOUR
        kinds = [
            pytest.param(kind, marks=() if kind is RedisKind.VALKEY else pytest.mark.slow)
            for kind in (RedisKind if every else [RedisKind.VALKEY])
        ]
        metafunc.parametrize("redis_kind", kinds, indirect=True, scope="session", ids=str)


@pytest.fixture(scope="session")
def redis_kind(request: pytest.FixtureRequest) -> RedisKind:
    kind: RedisKind = request.param
    return kind


@pytest.fixture(scope="session")
def shared_redis(redis_kind: RedisKind, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for tests that only add entities of their own. It holds no registry."""
    with RedisServer(tmp_path_factory.mktemp("redis"), kind=redis_kind) as server:
        yield server


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that a test may stop, freeze or fill as it likes."""
    folder = tmp_path / "redis"
    folder.mkdir()
    with RedisServer(folder) as server:
        yield server


@pytest.fixture
def gate(own_redis: RedisServer) -> Iterator[Gate]:
    """HMGETs that come this way wait at it."""
    with Gate(own_redis.port, b"HMGET") as gate:
        yield gate


@pytest.fixture(scope="session", params=list(EngineName))
def engine(request: pytest.FixtureRequest) -> str:
    """Every engine in turn: whatever calls a service is run with each."""
    return str(request.param)


@pytest.fixture(scope="session", params=["grpc", "http"])
def by_http(request: pytest.FixtureRequest) -> bool:
    """Each way to call in turn."""
    return bool(request.param == "http")


def arguments_of_registered(engine: str, redis: RedisServer) -> list[str]:
    registry = str(FIXTURES / "registry.json")
    return ["--engine", engine, "--redis", redis.address, "--registry", registry, "--now", NOW]


@pytest.fixture(scope="session")
def registered(
    engine: str, by_http: bool, shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The service with fixtures/registry.json, whose clock stands at NOW; its stub calls either way."""
    arguments = arguments_of_registered(engine, shared_redis)
    with Service(tmp_path_factory.mktemp("registered"), *arguments, by_http=by_http) as service:
        yield service


@pytest.fixture(scope="session")
def over_http(engine: str, shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The same, whose stub calls over HTTP."""
    arguments = arguments_of_registered(engine, shared_redis)
    with Service(tmp_path_factory.mktemp("over_http"), *arguments, by_http=True) as service:
        yield service


@pytest.fixture(scope="session")
def unregistered(
    engine: str, by_http: bool, shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The service without a registry."""
    arguments = ["--engine", engine, "--redis", shared_redis.address]
    with Service(tmp_path_factory.mktemp("unregistered"), *arguments, by_http=by_http) as service:
        yield service


@pytest.fixture
def start_service(engine: str, tmp_path: Path) -> Iterator[StartService]:
    """Starts services of the test's own, and ends them with it."""
    started: list[Service] = []

    def start(
        *arguments: str, ready: bool = True, by_http: bool = False, command: Sequence[str] = (), **environment: str
    ) -> Service:
        folder = tmp_path / f"service{len(started)}"
        folder.mkdir()
        options: dict[str, Any] = {"ready": ready, "by_http": by_http, "command": command, "environment": environment}
        service = Service(folder, "--engine", engine, *arguments, **options)
        started.append(service)
        return service.__enter__()

    yield start
    for service in started:
        service.end()
