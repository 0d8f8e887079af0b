"""One connection, against a Redis that does what the test says."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import hiredis
import pytest
from featuremill_serving.addresses import HostPort
from featuremill_serving.errors import StoreError, StoreOverloaded, StoreRefused, StoreUnavailable
from featuremill_serving.store.connection import Connection, connect
from featuremill_serving.store.options import Credentials
from featuremill_serving.store.resp import Moved, encode, error_of

PING = encode("PING")


class Script:
    """A server that notes what it reads, one entry for each read, and answers PING; the test sends the rest."""

    def __init__(self) -> None:
        self.reads: list[bytes] = []
        self.first_answer = b"+PONG\r\n"
        self.writer: asyncio.StreamWriter | None = None
        self.connected = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        self.writer = writer
        await reader.read(65536)
        writer.write(self.first_answer)
        while data := await reader.read(65536):
            self.reads.append(data)
        writer.close()

    def send(self, data: bytes) -> None:
        assert self.writer is not None
        self.writer.write(data)


@asynccontextmanager
async def connected(max_waiting: int = 100, timeout_s: float = 5.0) -> AsyncIterator[tuple[Script, Connection]]:
    script = Script()
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    address = HostPort("127.0.0.1", server.sockets[0].getsockname()[1])
    connection = await connect(
        address, lambda: None, credentials=Credentials(), timeout_s=timeout_s, max_waiting=max_waiting
    )
    try:
        yield script, connection
    finally:
        connection.abort("the test ends")
        server.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(test())  # type: ignore[arg-type]


def test_calls_of_the_same_time_go_out_in_one_write_and_get_their_own_answers() -> None:
    async def test() -> None:
        async with connected() as (script, connection):
            calls = [connection.call(encode("GET", str(number))) for number in range(10)]
            await until(lambda: script.reads)
            assert script.reads == [b"".join(encode("GET", str(number)) for number in range(10))]
            script.send(b"".join(b":%d\r\n" % number for number in range(10)))
            assert await asyncio.gather(*calls) == [[number] for number in range(10)]

    run(test)


async def turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


@pytest.mark.parametrize(("waiting", "writes"), [(1, 2), (10, 1)])
def test_the_more_calls_wait_the_longer_a_write_waits_for_another(waiting: int, writes: int) -> None:
    async def test() -> None:
        async with connected() as (script, connection):
            for _ in range(waiting):
                connection.call(PING)
            await turns(40)
            connection.call(PING)
            await until(lambda: sum(map(len, script.reads)) == len(PING) * (waiting + 1))
            assert len(script.reads) == writes
            script.reads.clear()
            connection.call(PING)
            await turns(4)
            connection.call(PING)
            await until(lambda: sum(map(len, script.reads)) == len(PING) * 2)
            assert len(script.reads) == 1  # a new beginning

    run(test)


def test_a_write_does_not_wait_for_long_where_the_loop_is_slow() -> None:
    async def test() -> None:
        async with connected() as (script, connection):
            for _ in range(10):
                connection.call(PING)
            slow_turns = 0
            while not script.reads:
                time.sleep(0.01)
                await asyncio.sleep(0)
                slow_turns += 1
            assert slow_turns < 20  # so many turns of an idle loop would be waited for: 80

    run(test)


def test_what_is_given_up_keeps_its_place_in_the_line() -> None:
    async def test() -> None:
        async with connected() as (script, connection):
            calls = [connection.call(PING + PING, 2), connection.call(PING), connection.call(PING)]
            calls[0].cancel()
            calls[1].cancel()
            await until(lambda: script.reads)
            script.send(b":1\r\n:2\r\n:3\r\n:4\r\n")
            assert await calls[2] == [4]
            assert connection.waiting == 0

    run(test)


def test_an_answer_may_come_in_pieces() -> None:
    async def test() -> None:
        async with connected() as (script, connection):
            call = connection.call(encode("HMGET", "k", "a", "b"))
            for byte in b"*2\r\n$1\r\nx\r\n$-1\r\n":
                script.send(bytes([byte]))
                await asyncio.sleep(0)
            assert await call == [[b"x", None]]

    run(test)


def test_an_error_is_one_calls_own() -> None:
    async def test() -> None:
        async with connected() as (script, connection):
            call = connection.call(PING + PING, 2)
            script.send(b"-WRONGTYPE no hash\r\n+PONG\r\n")
            error, pong = await call
            assert isinstance(error, hiredis.ReplyError)
            assert pong == b"PONG"

    run(test)


def test_too_many_are_refused() -> None:
    async def test() -> None:
        async with connected(max_waiting=3) as (script, connection):
            waiting = connection.call(PING * 2, 2)
            with pytest.raises(StoreOverloaded, match="2 reads wait"):
                connection.call(PING * 2, 2)
            script.send(b"+PONG\r\n+PONG\r\n")
            await waiting
            # one that is larger than the limit has its turn when nobody waits
            large = connection.call(PING * 4, 4)
            script.send(b"+PONG\r\n" * 4)
            await large

    run(test)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+PONG\r\n+UNASKED\r\n"])
def test_what_isnt_redis_is_cut_off(answer: bytes) -> None:
    async def test() -> None:
        async with connected() as (script, connection):
            call = connection.call(PING)
            script.send(answer)
            await until(lambda: not connection.open)
            if not answer.startswith(b"+"):
                with pytest.raises(StoreUnavailable, match="isn't Redis"):
                    await call
            with pytest.raises(StoreUnavailable):
                connection.call(PING)

    run(test)


def test_no_answer_in_time_cuts_all_that_wait() -> None:
    async def test() -> None:
        async with connected(timeout_s=0.05) as (_, connection):
            calls = [connection.call(PING) for _ in range(3)]
            results = await asyncio.gather(*calls, return_exceptions=True)
            assert [str(result) for result in results] == ["no answer within 0.05 s"] * 3

    run(test)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"-NOAUTH Authentication required.\r\n", StoreRefused),
        (b"-LOADING Redis is loading the dataset in memory\r\n", StoreUnavailable),
        (b"-ERR unknown\r\n", StoreError),
        (b"nonsense\r\n", StoreUnavailable),
    ],
)
def test_a_redis_that_isnt_ready_is_no_connection(answer: bytes, kind: type[Exception]) -> None:
    async def test() -> None:
        script = Script()
        script.first_answer = answer
        server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
        address = HostPort("127.0.0.1", server.sockets[0].getsockname()[1])
        with pytest.raises(kind):
            await connect(address, lambda: None, credentials=Credentials(), timeout_s=2.0)
        server.close()

    run(test)


@pytest.mark.parametrize(
    ("text", "slot", "address", "ask"),
    [
        ("MOVED 3999 127.0.0.1:6381", 3999, HostPort("127.0.0.1", 6381), False),
        ("ASK 7 ::1:6381", 7, HostPort("::1", 6381), True),
        ("ASK 7 [::1]:6381", 7, HostPort("::1", 6381), True),
    ],
)
def test_where_to_go(text: str, slot: int, address: HostPort, ask: bool) -> None:
    error = error_of(hiredis.ReplyError(text))
    assert isinstance(error, Moved)
    assert (error.slot, error.address, error.ask) == (slot, address, ask)
