"""A TCP proxy that gives every byte a delay, each way, as a network would: throughput is not limited, round trips are.

    python -m benchmarks.sinks.delaying_proxy LISTEN_PORT TARGET_PORT DELAY_MS

Two threads for each direction of a connection: one takes in what comes and notes when it is due, the other sends it
then. `time.sleep` is exact to some hundredths of a millisecond, which no timeout of a selector is. While much comes,
what came within a tenth of a millisecond is one piece, so that the proxy takes little of the machine's time.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable

READ_BYTES = 1 << 20
# a read of so many bytes or more means that much comes
MUCH_BYTES = 4096
PIECE_SECONDS = 0.0001
# on the way in one direction; a hundred times what a fast network would hold in a millisecond
LARGEST_QUEUE = 32 << 20


class Direction:
    """One direction of a connection."""

    def __init__(self, source: socket.socket, target: socket.socket, delay: float) -> None:
        self._source = source
        self._target = target
        self._delay = delay
        self._queue: deque[tuple[float, bytes]] = deque()
        self._queued = 0
        self._change = threading.Condition()
        for work in (self._take_in, self._send):
            threading.Thread(target=work, daemon=True).start()

    def _take_in(self) -> None:
        data = b"begin"
        while data:
            try:
                data = self._source.recv(READ_BYTES)
            except OSError:
                data = b""
            due = time.monotonic() + self._delay
            with self._change:
                self._change.wait_for(lambda: self._queued < LARGEST_QUEUE)
                self._queue.append((due, data))
                self._queued += len(data)
                self._change.notify_all()
            if len(data) >= MUCH_BYTES:
                time.sleep(PIECE_SECONDS)

    def _send(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._queue)
                due, data = self._queue[0]
            time.sleep(max(0.0, due - time.monotonic()))
            parts = []
            with self._change:
                now = time.monotonic()
                while self._queue and self._queue[0][0] <= now and self._queue[0][1]:
                    parts.append(self._queue.popleft()[1])
                self._queued -= sum(map(len, parts))
                self._change.notify_all()
            try:
                if not parts and not data:
                    self._target.shutdown(socket.SHUT_WR)
                    return
                self._target.sendall(b"".join(parts))
            except OSError:
                return


def serve(listen_port: int, target_port: int, delay: float) -> None:
    """Serve until the process ends. The delay is in seconds."""
    with socket.create_server(("127.0.0.1", listen_port)) as listener:
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", target_port))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Direction(client, server, delay)
            Direction(server, client, delay)


def main(arguments: Iterable[str]) -> None:
    """Serve."""
    listen_port, target_port, delay_ms = arguments
    serve(int(listen_port), int(target_port), float(delay_ms) / 1000)


if __name__ == "__main__":
    main(sys.argv[1:])
