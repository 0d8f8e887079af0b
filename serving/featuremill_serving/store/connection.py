"""One connection to a Redis: commands go out in order, and answers come back in that order."""

import asyncio
import collections
from collections.abc import Callable
from typing import Any, cast

import hiredis

from featuremill_serving.addresses import UnixSocket
from featuremill_serving.errors import StoreOverloaded, StoreUnavailable
from featuremill_serving.store.options import Address, Credentials, TlsOptions
from featuremill_serving.store.resp import encode, error_of

# Measured with 64 callers: patience that grows with what waits makes writes of 15 to 20 calls where 8 turns made 3, and
# takes 20 to 30 % off the CPU of a request. With one caller it changes nothing.
_QUIET_TURNS_FOR_EACH = 8
_MOST_QUIET_TURNS = 80
_MOST_IN_A_WRITE = 64
_LONGEST_S = 0.01


class Connection(asyncio.Protocol):
    """A connection that many calls share.

    What is called at about the same time goes out in one write. A call that is given up leaves its place
    in the line, so the answers of the others stay theirs. The connection is cut when its oldest call has waited for
    longer than `timeout_s`: a Redis that hangs is not waited for.
    """

    def __init__(self, timeout_s: float, max_waiting: int, lost: Callable[[], None]) -> None:
        self.waiting = 0
        self.open = False
        self._loop = asyncio.get_running_loop()
        self._timeout_s = timeout_s
        self._max_waiting = max_waiting
        self._lost = lost
        self._reader = hiredis.Reader()
        self._calls: collections.deque[_Call] = collections.deque()
        self._out: list[bytes] = []
        self._seen = 0  # of what is to go out, when it was looked at last
        self._turns_left = 0
        self._write_before = 0.0
        self._transport: asyncio.Transport | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._why = "the connection was closed"

    def call(self, commands: bytes, count: int = 1) -> asyncio.Future[list[Any]]:
        """Sends `count` encoded commands. The future has their replies, errors among them as `hiredis.ReplyError`; it
        fails with StoreUnavailable where the connection breaks.

        Raises:
            StoreUnavailable: the connection is closed.
            StoreOverloaded: too many commands wait for an answer.
        """
        if not self.open:
            raise StoreUnavailable(self._why)
        if self.waiting + count > self._max_waiting and self.waiting:
            raise StoreOverloaded(f"{self.waiting} reads wait for Redis")
        now = self._loop.time()
        call = _Call(self._loop.create_future(), count, now)
        self._calls.append(call)
        self.waiting += count
        if not self._out:
            self._seen = 0
            self._write_before = now + _LONGEST_S
            self._loop.call_soon(self._flush)
        self._out.append(commands)
        if self._watch is None:
            self._watch = self._loop.call_later(self._timeout_s, self._look)
        return call.answer

    def abort(self, why: str) -> None:
        """Cuts it; calls that wait fail."""
        self._why = why
        self.open = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass of it
        self.open = True

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not False:
                if not self._calls or type(reply) is hiredis.PushNotification:
                    return self.abort("Redis spoke unasked")
                call = self._calls[0]
                call.replies.append(reply)
                self.waiting -= 1
                if len(call.replies) == call.count:
                    self._calls.popleft()
                    if not call.answer.done():
                        call.answer.set_result(call.replies)
        except (hiredis.HiredisError, TypeError, MemoryError) as error:
            # the last two are for a map that has a map as a key, and for a length that no memory holds
            self.abort(f"what answers isn't Redis: {error!r}")

    def connection_lost(self, error: Exception | None) -> None:
        if self.open:
            self._why = str(error) if error is not None else "Redis closed the connection"
        self.open = False
        if self._watch is not None:
            self._watch.cancel()
        self.waiting = 0
        while self._calls:
            answer = self._calls.popleft().answer
            if not answer.done():
                answer.set_exception(StoreUnavailable(self._why))
        self._lost()

    def _flush(self) -> None:
        """Writes once no call has come for some turns of the event loop, the more of them the more calls wait; at once
        where many do, or the first has waited for long. A turn of an idle loop costs a few µs, a write 30; gRPC hands
        over a request at a time, so without waiting there is a write for each.
        """
        count = len(self._out)
        if count > self._seen:
            self._seen = count
            self._turns_left = min(_QUIET_TURNS_FOR_EACH * count, _MOST_QUIET_TURNS)
        if self._turns_left and count < _MOST_IN_A_WRITE and self._loop.time() < self._write_before:
            self._turns_left -= 1
            self._loop.call_soon(self._flush)
            return
        out, self._out = self._out, []
        if self.open and self._transport is not None:
            self._transport.write(out[0] if count == 1 else b"".join(out))

    def _look(self) -> None:
        self._watch = None
        if not self._calls:
            return
        left_s = self._calls[0].sent_at + self._timeout_s - self._loop.time()
        if left_s <= 0:
            self.abort(f"no answer within {self._timeout_s:g} s")
        else:
            self._watch = self._loop.call_later(left_s + 0.001, self._look)


class _Call:
    __slots__ = ("answer", "count", "replies", "sent_at")

    def __init__(self, answer: asyncio.Future[list[Any]], count: int, sent_at: float) -> None:
        self.answer = answer
        self.count = count
        self.replies: list[Any] = []
        self.sent_at = sent_at


async def connect(
    address: Address,
    lost: Callable[[], None],
    *,
    credentials: Credentials,
    tls: TlsOptions | None = None,
    database: int = 0,
    readonly: bool = False,
    timeout_s: float = 1.0,
    max_waiting: int = 20_000,
) -> Connection:
    """A connection that is logged in and has answered a PING.

    Args:
        address: where.
        lost: called when it is closed, by whichever side.
        credentials, tls, database: how.
        readonly: says so to a cluster's replica, which else sends readers to its master.
        timeout_s: for all of it, and from then on for each answer.
        max_waiting: how many commands may wait for an answer.

    Raises:
        StoreUnavailable: there is no Redis that answers.
        StoreRefused: it refuses the login.
        StoreError: it refuses anything else.
    """
    loop = asyncio.get_running_loop()
    connection = Connection(timeout_s, max_waiting, lost)
    first = [encode("PING")]
    if credentials.password is not None:
        user = () if credentials.username is None else (credentials.username,)
        first.insert(0, encode("AUTH", *user, credentials.password))
    if database:
        first.insert(-1, encode("SELECT", database))
    if readonly:
        first.insert(-1, encode("READONLY"))
    try:
        async with asyncio.timeout(timeout_s):
            context = None if tls is None else tls.context()
            if isinstance(address, UnixSocket):
                await loop.create_unix_connection(lambda: connection, address.path)
            else:
                await loop.create_connection(
                    lambda: connection,
                    address.host,
                    address.port,
                    ssl=context,
                    server_hostname=None if context is None else address.host,
                )
            replies = await connection.call(b"".join(first), len(first))
    except TimeoutError:
        connection.abort("no answer")
        raise StoreUnavailable(f"no answer within {timeout_s:g} s") from None
    except (OSError, ValueError, OverflowError) as error:  # the last two are for a host or a port that can't be
        connection.abort("no connection")
        raise StoreUnavailable(getattr(error, "strerror", None) or str(error)) from None
    except BaseException:
        connection.abort("no connection")
        raise
    for reply in replies:
        if isinstance(reply, hiredis.ReplyError):
            connection.abort("it was refused")
            raise error_of(reply)
    return connection
