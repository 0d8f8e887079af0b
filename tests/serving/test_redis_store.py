"""The store, against a Redis that answers what the test says."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from featuremill_serving.addresses import HostPort
from featuremill_serving.errors import StoreUnavailable
from featuremill_serving.layout import Read
from featuremill_serving.store import Mode, RedisStore, StoreOptions

READ = Read(["a", "b"], ["p"])
RIGHT = b"*3\r\n$1\r\n1\r\n$-1\r\n$3\r\n5-1\r\n"
ROW = [b"1", None, b"5-1"]


class Liar:
    """A server that answers PING, and the first other command with a lie, all others with the truth."""

    def __init__(self, lie: bytes, truth: bytes) -> None:
        self.connected = 0
        self._answers = [lie]
        self.truth = truth

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        while data := await reader.read(65536):
            if b"PING" in data:
                writer.write(b"+PONG\r\n")
            else:
                writer.write(self._answers.pop() if self._answers else self.truth)
        writer.close()


def run(liar: Liar, test: Callable[[RedisStore], Awaitable[None]], mode: Mode = Mode.STANDALONE) -> None:
    async def serve() -> None:
        server = await asyncio.start_server(liar.serve, "127.0.0.1", 0)
        store = RedisStore(StoreOptions((HostPort("127.0.0.1", server.sockets[0].getsockname()[1]),), mode))
        try:
            await test(store)
        finally:
            await store.close()
            server.close()

    asyncio.run(serve())


@pytest.mark.parametrize(
    ("lie", "what"),
    [
        (b"+OK\r\n", "a bytes for a list"),
        (b"*2\r\n$1\r\n1\r\n$-1\r\n", "2 values for 3 fields"),
        (b"*3\r\n:1\r\n$-1\r\n$3\r\n5-1\r\n", "a int for a value"),
        (b"*3\r\n$1\r\n1\r\n$-1\r\n:5\r\n", "a int for a value"),
        (b"*3\r\n$1\r\n1\r\n*1\r\n$1\r\n2\r\n$3\r\n5-1\r\n", "a list for a value"),
        (b"*3\r\n$1\r\n1\r\n-ERR no\r\n$3\r\n5-1\r\n", "a ReplyError for a value"),
    ],
)
def test_a_connection_whose_answer_is_none_to_a_read_is_made_anew(lie: bytes, what: str) -> None:
    liar = Liar(lie, RIGHT)

    async def test(store: RedisStore) -> None:
        await store.start()
        with pytest.raises(StoreUnavailable, match=what):
            await store.read(READ, [b"echo:1"])
        assert await store.read(READ, [b"echo:1"]) == [ROW]
        assert liar.connected == 2

    run(liar, test)


def test_a_connection_whose_answer_is_no_string_is_made_anew() -> None:
    liar = Liar(b"*1\r\n$1\r\n1\r\n", b"$1\r\n1\r\n")

    async def test(store: RedisStore) -> None:
        await store.start()
        with pytest.raises(StoreUnavailable, match="isn't one to GET"):
            await store.get("@registry")
        assert await store.get("@registry") == b"1"
        assert liar.connected == 2

    run(liar, test)


def test_a_connection_whose_answer_is_none_to_where_the_servers_are_is_made_anew() -> None:
    liar = Liar(b"*1\r\n:1\r\n", b"")

    async def test(store: RedisStore) -> None:
        [address] = store.options.addresses
        assert isinstance(address, HostPort)
        liar.truth = b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n" % address.port
        with pytest.raises(StoreUnavailable, match="can't be read"):
            await store.start()
        assert liar.connected == 1
        await store.start()
        assert liar.connected == 1 + 1 + 1  # the last one to read from

    run(liar, test, Mode.CLUSTER)
