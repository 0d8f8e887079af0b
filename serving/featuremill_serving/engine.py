"""What stands between the process and its callers: the interface that every engine has."""

from enum import StrEnum
from typing import Protocol

from featuremill_serving.registry import Registry


class EngineName(StrEnum):
    """The engines there are. Each passes the same tests: those of a caller, in tests/serving."""

    AIO = "aio"


class Front(Protocol):
    """Where callers are answered."""

    async def report(self, *, ready: bool) -> None:
        """Tells health checks whether Redis can be read."""

    async def stop(self, grace_s: float) -> None:
        """Takes no more calls, and gives those under way so many seconds."""


class Engine(Front, Protocol):
    """Listens on one address, reads Redis and answers `featuremill.serving.v1`.

    How it gets its address, its Redis and its clock is between it and who makes it.
    """

    async def start(self) -> int:
        """Listens, and returns the port once it answers.

        Raises:
            ListenError: the address can't be had.
        """

    def use(self, registry: Registry) -> None:
        """Answers by this registry from the next request on. Before the first: PRESENT and MISSING only."""
