"""The limit: a client that has nothing to do but to send the sink's commands, and to count the answers.

    python -m benchmarks.sinks.limit PORT hset|transaction|guarded FIRST COUNT [FIRST COUNT ...]

The commands are made in memory, a chunk at a time, while no clock runs. Prints a JSON object: `rows`, the `seconds` of
writing, and this client's own `cpu` seconds meanwhile.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterable

from featuremill_local.connector import MODULE

from benchmarks.sinks import rows
from benchmarks.sinks.rows import Chunk

GUARD = MODULE / "src" / "main" / "resources" / "io" / "featuremill" / "redis" / "guard.lua"
# kind -> the lines of the answers to one row's commands
LINES = {"hset": 1, "transaction": 6, "guarded": 1}


class RefusedError(Exception):
    """Redis answered with an error."""


def template(kind: str) -> bytes:
    """A row's commands, with places for what differs from row to row."""
    if kind == "guarded":
        return rows.guarded(GUARD.read_bytes())
    return {"hset": rows.hset, "transaction": rows.transaction}[kind]()


def send(connection: socket.socket, commands: bytes | bytearray, lines: int) -> None:
    """Send everything and wait for so many lines of answers. Raises `RefusedError`, or `OSError`."""
    sender = threading.Thread(target=connection.sendall, args=(commands,))
    sender.start()
    last = b"\n"
    while lines > 0:
        data = connection.recv(1 << 16)
        if not data:
            raise ConnectionError("Redis closed the connection")
        if b"\n-" in last + data:
            raise RefusedError(data[:200].decode(errors="replace"))
        lines -= data.count(b"\n")
        last = data[-1:]
    sender.join()


def main(arguments: Iterable[str]) -> None:
    """Write the rows and print what it took."""
    port, kind, *numbers = arguments
    pattern = template(kind)
    seconds = cpu = 0.0
    written = 0
    with socket.create_connection(("127.0.0.1", int(port))) as connection:
        send(connection, rows.resp(b"SCRIPT", b"LOAD", GUARD.read_bytes()), 2)
        for first, count in zip(numbers[::2], numbers[1::2], strict=True):
            chunk = Chunk(int(first), int(count))
            commands = chunk.commands(pattern)
            began, cpu_began = time.monotonic(), time.process_time()
            send(connection, commands, chunk.count * LINES[kind])
            seconds += time.monotonic() - began
            cpu += time.process_time() - cpu_began
            written += chunk.count
    print(json.dumps({"rows": written, "seconds": seconds, "cpu": cpu}))


if __name__ == "__main__":
    main(sys.argv[1:])
