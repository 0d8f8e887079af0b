"""The load: callers who ask again as soon as they are answered, from bytes to bytes. A process of its own:

    python -m benchmarks.serving.client ADDRESS CALLERS ENTITIES SECONDS

It prints what it saw as JSON.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time

import grpc
import uvloop

from benchmarks.serving.shapes import Load


async def drive(address: str, load: Load, seconds: float) -> dict[str, float]:
    """Requests, errors, seconds and the latencies' percentiles in µs. Answers are counted, not parsed."""
    requests = itertools.cycle(load.requests())
    latencies: list[float] = []
    async with grpc.aio.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]) as channel:
        call = channel.unary_unary(load.method, None, None)
        await call(next(requests))
        began = time.perf_counter()
        ends = began + seconds

        async def ask() -> None:
            while (sent := time.perf_counter()) < ends:
                await call(next(requests))
                latencies.append(time.perf_counter() - sent)

        await asyncio.gather(*(ask() for _ in range(load.callers)))
        took = time.perf_counter() - began
    latencies.sort()
    told = {name: latencies[int(share * (len(latencies) - 1))] * 1e6 for name, share in PERCENTILES.items()}
    return {"requests": len(latencies), "seconds": took, **told}


PERCENTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}

if __name__ == "__main__":
    asked = Load(int(sys.argv[2]), int(sys.argv[3]))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(drive(sys.argv[1], asked, float(sys.argv[4])))))
