"""A Redis that lies, and what listens to one: a connection, and the look for where the servers are."""

import asyncio
import random
import socket
import threading
from contextlib import suppress
from typing import Any

import hiredis
from featuremill_serving.addresses import HostPort
from featuremill_serving.errors import StoreError
from featuremill_serving.layout import Read
from featuremill_serving.store.connection import Connection
from featuremill_serving.store.options import Mode, StoreOptions
from featuremill_serving.store.resp import error_of
from featuremill_serving.store.shape import finder
from fuzz_input import changed

# of a read of two fields
TRUTH = b"*2\r\n$2\r\n17\r\n$-1\r\n"


def lie(chance: random.Random, truth: bytes) -> bytes:
    """An answer in Redis' protocol, or nearly."""
    strewn = [
        *(b"$-1\r\n", b"$-2\r\n", b"*-1\r\n", b"*0\r\n", b"*2\r\n", b"*1000000\r\n", b"*4294967294\r\n", b"%2\r\n"),
        *(b"$0\r\n\r\n", b"$99999999999\r\n", b"$?\r\n", b":1\r\n", b":99999999999999999999\r\n", b"+OK\r\n", b"_\r\n"),
        *(b",1.5\r\n", b"#t\r\n", b"(1\r\n", b"=7\r\ntxt:abc\r\n", b"~1\r\n", b"|1\r\n+a\r\n+b\r\n", b"\r\n", b"\0"),
        b">2\r\n+message\r\n+x\r\n",
        b"%1\r\n*0\r\n:1\r\n",
        b"-ERR \xff\xfe\r\n",
        *(b"-%b\r\n" % kind for kind in ERRORS),
        b"*1\r\n" * chance.choice((3, 9, 1000)),
        b"$%d\r\n%b\r\n" % ((size := chance.choice((1, 70_000))), chance.randbytes(size)),
        chance.randbytes(10),
        truth,
    ]
    whole = chance.random() < 0.5
    return chance.choice(strewn) if whole else changed(chance, truth, strewn)


ERRORS = (
    *(b"WRONGTYPE no hash", b"NOAUTH Authentication required.", b"LOADING", b"MASTERDOWN", b"CLUSTERDOWN", b"ERR x"),
    *(b"MOVED 1 127.0.0.1:1", b"MOVED 99999 :1", b"MOVED x y", b"ASK 1 [::1]:1", b"ASK 1 ::1:1", b"ASK 2 a\0b:99999"),
    *("MOVED ² 127.0.0.1:1".encode(), b"MOVED 1 \xff:1", b"MOVED " + b"9" * 5000 + b" a:1", b"", b" ", b"OOM " * 3000),
)


class LyingRedis:
    """Answers PING as it should, and everything else with whatever it is told to."""

    def __init__(self) -> None:
        self.answer = b""
        self.hangs_up = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        commands = hiredis.Reader()
        with suppress(OSError), caller:
            while data := caller.recv(65536):
                commands.feed(data)
                while (command := commands.gets()) is not False:
                    if command[0] == b"PING":
                        caller.sendall(b"+PONG\r\n")
                    elif command[0] == b"GET":
                        caller.sendall(b"$-1\r\n")
                    else:
                        caller.sendall(self.answer)
                        if self.hangs_up:
                            return


class Replies:
    """A connection's reader and what looks at replies: each call gets an answer or an error."""

    def __call__(self, chance: random.Random) -> str:
        return asyncio.run(self._run(chance))

    async def _run(self, chance: random.Random) -> str:
        read = Read(["a", "b"], [], chance.choice((2, 300)))
        connection = Connection(1.0, 100, lambda: None)
        connection.connection_made(_Transport(connection))
        calls = [connection.call(read.command(b"echo:1")) for _ in range(2)]
        raw = b"".join(lie(chance, TRUTH) for _ in range(3))
        size = chance.choice((1, 7, 65536))
        for start in range(0, min(len(raw), 5000), size):
            if connection.open:
                connection.data_received(raw[start : start + size])
        cut = not connection.open
        connection.connection_lost(None)
        words = [await self._look_at(read, call, cut) for call in calls]
        return words[0]

    @staticmethod
    async def _look_at(read: Read, call: asyncio.Future[list[Any]], cut: bool) -> str:
        try:
            [reply] = await call
        except StoreError:
            return "cut" if cut else "unanswered"
        if isinstance(reply, hiredis.ReplyError):
            return type(error_of(reply)).__name__
        assert not isinstance(reply, hiredis.PushNotification)
        try:
            [row] = read.rows([reply])
        except ValueError:
            return "no row"
        assert all(value is None or type(value) is bytes for value in row)
        return "row"


class _Transport(asyncio.Transport):
    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def write(self, data: Any) -> None:
        pass

    def abort(self) -> None:
        pass


class Places:
    """What a cluster's nodes and sentinels tell of where the servers are."""

    CLUSTER = b"*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:7000\r\n$2\r\nid\r\n"
    SENTINELS = b"*2\r\n$9\r\n127.0.0.1\r\n$4\r\n6379\r\n"

    def __call__(self, chance: random.Random) -> str:
        mode, truth = chance.choice([(Mode.CLUSTER, self.CLUSTER), (Mode.SENTINEL, self.SENTINELS)])
        reader = hiredis.Reader()
        try:
            reader.feed(lie(chance, truth))
            told = reader.gets()
        except (hiredis.HiredisError, MemoryError, TypeError):
            return "not Redis"
        if told is False or isinstance(told, hiredis.ReplyError):
            return "nothing told"

        async def ask(address: object, command: bytes) -> Any:
            return told

        options = StoreOptions((HostPort("127.0.0.1", 1),), mode=mode, sentinel_master="m")
        try:
            asyncio.run(finder(options).find(ask))
        except StoreError:
            return "refused"
        return "found"
