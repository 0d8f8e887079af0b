"""What the client's tests share: a Redis, the service as a process, and clients of both kinds behind one face."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

try:
    import pandas  # noqa: F401
    import polars  # noqa: F401
    import pyarrow  # noqa: F401
except ImportError as error:
    raise pytest.UsageError(f"{error}: tests/client run in an environment of their own: nox -s tests-client") from None

from client_registry import write_registry
from featuremill_client import AsyncClient, Client
from serving_harness import NOW, RedisServer, Service


def pytest_configure(config: pytest.Config) -> None:
    """What pandas or gRPC will do no more is told by a warning first: none of the client's calls may give one."""
    config.addinivalue_line("filterwarnings", "error")


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for tests that only add entities of their own."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def service(shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service with a registry that has a feature of every type, whose clock stands at NOW."""
    folder = tmp_path_factory.mktemp("service")
    registry = write_registry(folder / "registry.json")
    arguments = ["--redis", shared_redis.address, "--registry", str(registry), "--now", NOW]
    with Service(folder, *arguments) as started:
        yield started


@pytest.fixture
def start_service(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Starts services of the test's own, and ends them with it."""
    started: list[Service] = []

    def start(*arguments: str, ready: bool = True) -> Service:
        folder = tmp_path / f"service{len(started)}"
        folder.mkdir()
        service = Service(folder, *arguments, ready=ready)
        started.append(service)
        return service.__enter__()

    yield start
    for service in started:
        service.end()


class Awaited:
    """An AsyncClient whose methods are called from a thread without a loop, as Client's are."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        self._client = AsyncClient(*arguments, **settings)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def get(self, *arguments: Any, **options: Any) -> Any:
        return self._wait(self._client.get(*arguments, **options))

    def frame(self, *arguments: Any, **options: Any) -> Any:
        return self._wait(self._client.frame(*arguments, **options))

    def close(self) -> None:
        self._wait(self._client.close())

    def _wait(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(params=[Client, Awaited], ids=["sync", "asyncio"])
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes clients of either kind, and closes them."""
    made: list[Any] = []

    def make(*arguments: Any, **settings: Any) -> Any:
        made.append(request.param(*arguments, **{"timeout": 20.0} | settings))
        return made[-1]

    yield make
    for client in made:
        client.close()
        if isinstance(client, Awaited):
            client.end()


@pytest.fixture
def client(connect: Callable[..., Any], service: Service) -> Any:
    """A client of the shared service, of either kind."""
    return connect(service.address)
