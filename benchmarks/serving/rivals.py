"""Other ways to answer: a handler that does nothing, and redis-py behind grpc.aio. A process of its own:

    python -m benchmarks.serving.rivals nothing|redis-py REDIS_PORT

It prints `listening HOST:PORT` as the service does.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import grpc
import redis.asyncio
import uvloop
from featuremill_serving.v1 import serving_pb2 as wire

from benchmarks.serving.shapes import ASKED, ASKED_NAMES, SERVICE, fields

_PRESENT = wire.FEATURE_STATUS_PRESENT
Handler = Callable[[bytes, Any], Awaitable[bytes]]


def nothing() -> dict[str, Handler]:
    """The first entity's answer, made before the first request, again and again."""
    one = [fields(0)[name] for name in ASKED_NAMES]
    single = wire.GetFeaturesResponse(values=one, statuses=[_PRESENT] * ASKED).SerializeToString()
    many = wire.BatchGetFeaturesResponse(values=one * 100, statuses=[_PRESENT] * ASKED * 100).SerializeToString()

    async def get(raw: bytes, context: Any) -> bytes:
        return single

    async def batch(raw: bytes, context: Any) -> bytes:
        return many

    return {"GetFeatures": get, "BatchGetFeatures": batch}


def redis_py(port: int) -> dict[str, Handler]:
    """The obvious service: PRESENT or MISSING, with hiredis, and a pipeline for a batch. No ages, no types."""
    client = redis.asyncio.Redis(port=port, max_connections=64)

    def statuses(values: Sequence[bytes | None]) -> list[wire.FeatureStatus]:
        return [wire.FEATURE_STATUS_MISSING if value is None else _PRESENT for value in values]

    def texts(values: Sequence[bytes | None]) -> list[str]:
        return ["" if value is None else value.decode() for value in values]

    async def get(raw: bytes, context: Any) -> bytes:
        request = wire.GetFeaturesRequest.FromString(raw)
        values: list[Any] = await client.hmget(request.entity_name, list(request.feature_names))
        return wire.GetFeaturesResponse(values=texts(values), statuses=statuses(values)).SerializeToString()

    async def batch(raw: bytes, context: Any) -> bytes:
        request = wire.BatchGetFeaturesRequest.FromString(raw)
        names = list(request.feature_names)
        pipe = client.pipeline(transaction=False)
        for entity in request.entity_names:
            pipe.hmget(entity, names)
        values = [value for row in await pipe.execute() for value in row]
        return wire.BatchGetFeaturesResponse(values=texts(values), statuses=statuses(values)).SerializeToString()

    return {"GetFeatures": get, "BatchGetFeatures": batch}


async def serve(handlers: dict[str, Handler]) -> None:
    """On a free port of loopback, until it is killed."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    methods = {name: grpc.unary_unary_rpc_method_handler(handler) for name, handler in handlers.items()}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"listening 127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()


async def main(way: str, port: int) -> None:
    """Answers in one of the two ways."""
    await serve(nothing() if way == "nothing" else redis_py(port))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1], int(sys.argv[2])))
