"""A Redis for the tests that write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from featuremill_local.ports import Ports
from featuremill_local.processes import Processes
from featuremill_local.redis_server import RedisServer


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path)
    yield made
    made.close()


@pytest.fixture
def ports() -> Iterator[Ports]:
    made = Ports()
    yield made
    made.release()


@pytest.fixture
def redis_server(processes: Processes, ports: Ports) -> RedisServer:
    server = RedisServer(processes, ports)
    server.start()
    return server
