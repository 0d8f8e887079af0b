"""A server that we mean to stay connected to."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from featuremill_serving.errors import StoreError, StoreUnavailable
from featuremill_serving.store.connection import Connection

Connect = Callable[[Callable[[], None]], Awaitable[Connection]]
_SHORTEST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0


class Link:
    """Keeps one connection: where it breaks it is made anew at once, then after pauses that grow to a second. Who asks
    for it while it is down cuts the pause short, and waits for one try.
    """

    def __init__(self, connect: Connect) -> None:
        self.connection: Connection | None = None
        self._connect = connect
        self._asked = asyncio.Event()
        self._outcome: asyncio.Future[Connection] = _outcome()
        self._keeper = asyncio.create_task(self._keep())
        # however it ended, nobody waits for it
        self._keeper.add_done_callback(lambda _: self._tell(StoreUnavailable("the link is closed")))

    async def get(self) -> Connection:
        """The connection, after one more try at most.

        Raises:
            StoreError: that try failed, it says how; or the link is closed.
        """
        connection = self.connection
        if connection is not None and connection.open:
            return connection
        if self._keeper.done():
            raise StoreUnavailable("the link is closed")
        self._asked.set()
        return await asyncio.shield(self._outcome)

    async def close(self) -> None:
        self._keeper.cancel()
        await asyncio.gather(self._keeper, return_exceptions=True)
        if self.connection is not None:
            self.connection.abort("the link is closed")

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        pause_s = 0.0
        while True:
            self._asked.clear()
            gone = asyncio.Event()
            try:
                self.connection = await self._connect(gone.set)
            except StoreError as error:
                self._tell(error)
                pause_s = min(max(2 * pause_s, _SHORTEST_PAUSE_S), _LONGEST_PAUSE_S)
            else:
                self._tell(self.connection)
                made = loop.time()
                await gone.wait()
                self.connection = None
                # a server that takes connections and drops them isn't to be hammered
                pause_s = 0.0 if loop.time() - made > _LONGEST_PAUSE_S else max(pause_s, _SHORTEST_PAUSE_S)
            await asyncio.sleep(min(pause_s, _SHORTEST_PAUSE_S))
            if pause_s > _SHORTEST_PAUSE_S:
                try:
                    async with asyncio.timeout(pause_s * random.uniform(0.5, 1.0)):
                        await self._asked.wait()
                except TimeoutError:
                    pass

    def _tell(self, outcome: Connection | StoreError) -> None:
        waited, self._outcome = self._outcome, _outcome()
        if isinstance(outcome, Connection):
            waited.set_result(outcome)
        else:
            waited.set_exception(outcome)


def _outcome() -> asyncio.Future[Connection]:
    future: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
    future.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody need be waiting
    return future
