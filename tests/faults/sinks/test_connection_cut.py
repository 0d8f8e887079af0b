"""The connection is cut in the middle of a pipeline: some of it has reached Redis, some not, some answers are lost."""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from fault_runs import Feed, Job, Watch, contents, judge
from featuremill_local.connector import build_control_connector
from last_write_wins import compare, end_state, generate

pytestmark = pytest.mark.jvm

ROWS = 100_000


@dataclass(frozen=True)
class Cut:
    """The connection's end after so many bytes in one direction, counted from the cut before."""

    direction: str
    after: int


# A pipeline is up to some 300 kB of requests and 4 kB of answers (`:1\r\n` each). None of these numbers falls between
# two commands or two answers but by chance.
CUTS = [
    Cut("requests", 1_000_003),
    Cut("answers", 20_003),
    Cut("requests", 1_500_007),
    Cut("answers", 30_001),
    Cut("requests", 777_777),
    Cut("answers", 10_003),
    Cut("requests", 2_000_003),
    Cut("answers", 17_171),
]


class CuttingProxy:
    """Stands between the sink and Redis; closes both connections in the middle of a chunk, each cut once, in order."""

    def __init__(self, target: int, port: int, cuts: list[Cut]) -> None:
        self._target = target
        self._left = deque(cuts)
        self._passed = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.cuts = 0
        self.address = f"127.0.0.1:{port}"
        self._listener = socket.create_server(("127.0.0.1", port))
        self._start(self._accept)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sink, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            with self._lock:
                self._open |= {sink, server}
            self._start(self._pump, sink, server, "requests")
            self._start(self._pump, server, sink, "answers")

    def _pump(self, source: socket.socket, target: socket.socket, direction: str) -> None:
        try:
            while data := source.recv(65536):
                allowed = self._allowed(direction, len(data))
                target.sendall(data[:allowed])
                if allowed < len(data):
                    break
        except OSError:
            pass
        self._close(source, target)

    def _allowed(self, direction: str, length: int) -> int:
        """How many of the bytes may pass: all of them, but where a cut is due."""
        with self._lock:
            if not self._left or self._left[0].direction != direction:
                return length
            rest = self._left[0].after - self._passed
            self._passed += length
            if length <= rest:
                return length
            self._left.popleft()
            self._passed = 0
            self.cuts += 1
            return rest

    def _close(self, *sockets: socket.socket) -> None:
        for each in sockets:
            with self._lock:
                self._open.discard(each)
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()

    def close(self) -> None:
        """Close every connection and wait for the threads; a connection that comes meanwhile is closed, too."""
        self._close(self._listener)
        self._threads[0].join()
        self._close(*list(self._open))
        for thread in self._threads:
            thread.join()


@contextmanager
def cutting_proxy(target: int, port: int, cuts: list[Cut]) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(target, port, cuts)
    try:
        yield proxy
    finally:
        proxy.close()


def test_a_cut_in_the_middle_of_a_pipeline_loses_nothing(platform, say):
    with (
        platform.redis() as server,
        cutting_proxy(server.port, platform.run.ports.take(), CUTS) as proxy,
        Watch(server) as watch,
        Feed(platform, generate(ROWS, seed=4), portions=1) as feed,
    ):
        job = Job(platform, proxy.address)
        arrivals = feed.finish()
        job.wait_for_all_rows()
        retries, restarts = job.settled_metric("retries"), job.restarts
        job.stop()
        assert proxy.cuts == len(CUTS)
        assert retries >= len(CUTS)
        assert restarts == 0, "the sink is to connect again by itself"
        say(f"{judge(server, arrivals, watch)}; {proxy.cuts} cuts, {retries} retries, {restarts} restarts")


def test_control_a_sink_that_skips_a_broken_pipeline_loses_rows(platform, say):
    rows = generate(ROWS // 3, seed=4)
    with (
        platform.redis() as server,
        cutting_proxy(server.port, platform.run.ports.take(), CUTS[:4]) as proxy,
        Watch(server),
        Feed(platform, rows, portions=1) as feed,
    ):
        careless = "connector=featuremill-redis-careless"
        job = Job(platform, proxy.address, careless, more_jars=[build_control_connector()])
        arrivals = feed.finish()
        job.wait_for_all_rows()
        job.stop()
        assert proxy.cuts > 0
        verdict = compare(contents(server), end_state(arrivals))
        assert verdict.lost + verdict.regressed > 0, "the control lost nothing, so the test above proves nothing"
        say(f"{len(rows)} rows: {verdict.lost} lost, {verdict.regressed} regressed; {proxy.cuts} cuts")
