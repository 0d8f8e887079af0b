"""The load generator: callers who ask again as soon as they are answered, from bytes to bytes. A process of its own:

    python -m benchmarks.serving.client

It takes a `Job` as a line of JSON, and answers with a line of what it saw, until there is no more to read. The same
process and event loop drive all ways, so that what it costs is the same for all that speak one protocol.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import grpc
import uvloop
from featuremill_serving.addresses import parse_host_port
from featuremill_serving.store.connection import connect
from featuremill_serving.store.options import Credentials

from benchmarks.serving.questions import Protocol, Question

Ask = Callable[[bytes], Awaitable[bytes]]
PERCENTILES = {"p50": 0.5, "p99": 0.99, "p999": 0.999}


@dataclass(frozen=True)
class Job:
    """A load: whom to ask, what, how many at a time, and for how long. A `rate` of requests a second is kept in the
    place of asking again at once; 0: none.
    """

    address: str
    question: str
    callers: int
    seconds: float
    rate: float = 0.0

    def line(self) -> str:
        """As the process takes it."""
        return json.dumps(dataclasses.asdict(self))


@dataclass(frozen=True)
class Seen:
    """How many requests were answered in so many seconds, and the latencies' percentiles in µs."""

    requests: int
    seconds: float
    p50: float
    p99: float
    p999: float


async def drive(job: Job) -> Seen:
    """Runs the load. Raises where a request fails or the first answer isn't what it should be; the others are counted,
    not looked at.
    """
    question = Question.read(Path(job.question))
    requests = itertools.cycle(question.bodies)
    latencies: list[float] = []
    async with _PROTOCOLS[question.protocol](job, question) as asks:
        first = await asks[0](question.bodies[0])
        if question.expected not in first:
            raise RuntimeError(f"{job.address} answers {first[:300]!r}, which has no {question.expected!r}")
        began = time.perf_counter()
        ends = began + job.seconds

        async def ask_on(number: int) -> None:
            ask = asks[number % len(asks)]
            while (sent := time.perf_counter()) < ends:
                await ask(next(requests))
                latencies.append(time.perf_counter() - sent)

        async def ask_in_time(number: int) -> None:
            ask = asks[number % len(asks)]
            due = began + number / job.rate
            while due < ends:
                sent = due  # who is late has waited since then
                if (early := due - time.perf_counter()) > 0:
                    await asyncio.sleep(early)
                    sent = time.perf_counter()
                await ask(next(requests))
                latencies.append(time.perf_counter() - sent)
                due += job.callers / job.rate

        await asyncio.gather(*((ask_in_time if job.rate else ask_on)(number) for number in range(job.callers)))
        took = time.perf_counter() - began
    latencies.sort()
    told = {name: latencies[int(share * (len(latencies) - 1))] * 1e6 for name, share in PERCENTILES.items()}
    return Seen(len(latencies), took, **told)


@contextlib.asynccontextmanager
async def _grpc(job: Job, question: Question) -> AsyncIterator[list[Ask]]:
    """One channel for all callers."""
    async with grpc.aio.insecure_channel(job.address, options=[("grpc.enable_http_proxy", 0)]) as channel:
        yield [channel.unary_unary(question.path, None, None)]


@contextlib.asynccontextmanager
async def _http(job: Job, question: Question) -> AsyncIterator[list[Ask]]:
    """A connection that is kept for each caller: HTTP/1.1 answers one after the other."""
    address = parse_host_port(job.address)
    head = f"POST {question.path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: "

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> bytes:
        writer.write(b"%b%d\r\n\r\n%b" % (head.encode(), len(body), body))
        answered = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answered.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        answer = await reader.readexactly(length)
        if not answered.startswith(b"http/1.1 200"):
            raise RuntimeError(f"{job.address} answers {answered!r} {answer!r}")
        return answer

    streams = [await asyncio.open_connection(address.host, address.port) for _ in range(job.callers)]
    try:
        yield [functools.partial(ask, *pair) for pair in streams]
    finally:
        for _, writer in streams:
            writer.close()


@contextlib.asynccontextmanager
async def _redis(job: Job, question: Question) -> AsyncIterator[list[Ask]]:
    """Redis itself, over one connection: commands of the same time go out in one write. Replies count as answers."""
    address = parse_host_port(job.address)
    connection = await connect(address, lambda: None, credentials=Credentials(), timeout_s=60.0, max_waiting=1_000_000)

    async def ask(commands: bytes) -> bytes:
        rows = await connection.call(commands, question.replies)
        return b" ".join(rows[0])

    yield [ask]
    connection.abort("the load is over")


_PROTOCOLS = {Protocol.GRPC: _grpc, Protocol.HTTP: _http, Protocol.REDIS: _redis}


def main() -> None:
    """Job after job."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for line in sys.stdin:
            seen = runner.run(drive(Job(**json.loads(line))))
            print(json.dumps(dataclasses.asdict(seen)), flush=True)


if __name__ == "__main__":
    main()
