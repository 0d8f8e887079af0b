"""A link: one connection that is kept, whatever happens to it."""

import asyncio
from collections.abc import Callable

import pytest
from featuremill_serving.errors import StoreUnavailable
from featuremill_serving.store.connection import Connection
from featuremill_serving.store.link import Link


class Server:
    """Connects when it is up; counts the tries."""

    def __init__(self) -> None:
        self.up = True
        self.tries = 0
        self.drop: Callable[[], None] = lambda: None

    async def connect(self, lost: Callable[[], None]) -> Connection:
        self.tries += 1
        await asyncio.sleep(0)
        if not self.up:
            raise StoreUnavailable(f"try {self.tries}")
        self.drop = lost
        return Connection(1.0, 10, lost)


def test_who_asks_waits_for_one_try() -> None:
    async def test() -> None:
        server = Server()
        link = Link(server.connect)
        await link.get()
        server.up = False
        server.drop()
        for _ in range(3):
            with pytest.raises(StoreUnavailable, match="try"):
                await link.get()
        server.up = True
        await link.get()
        assert server.tries >= 5
        await link.close()

    asyncio.run(test())


def test_who_asks_after_it_was_closed_isnt_kept_waiting() -> None:
    async def test() -> None:
        server = Server()
        server.up = False
        link = Link(server.connect)
        early = asyncio.create_task(link.get())
        await asyncio.sleep(0)
        await link.close()
        async with asyncio.timeout(5):
            for late in (early, link.get()):
                with pytest.raises(StoreUnavailable):
                    await late

    asyncio.run(test())
