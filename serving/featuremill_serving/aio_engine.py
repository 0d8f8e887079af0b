"""The engine in Python: grpc.aio."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from featuremill_serving.addresses import HostPort, check_bindable
from featuremill_serving.errors import ListenError
from featuremill_serving.registry import Registry
from featuremill_serving.requests import CallFailed
from featuremill_serving.service import FeatureService
from featuremill_serving.v1 import serving_pb2 as wire

SERVICE = wire.DESCRIPTOR.services_by_name["FeatureService"].full_name
_Context = grpc.aio.ServicerContext[bytes, bytes]
_log = logging.getLogger(__name__)


class AioEngine:
    """`Engine` in one event loop. Health, of the service by its name, and reflection are the standard ones."""

    def __init__(self, listen: HostPort, features: FeatureService) -> None:
        self._listen = listen
        self._features = features
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]
        self._server = grpc.aio.server(
            options=[
                # without SO_REUSEPORT a port that another process has is refused, not shared
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", features.limits.request_bytes),
            ]
        )
        self._server.add_generic_rpc_handlers((_handlers(features),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection((SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server)

    async def start(self) -> int:
        check_bindable(self._listen)
        try:
            port = self._server.add_insecure_port(str(self._listen))
        except RuntimeError as error:
            raise ListenError(f"can't listen on {self._listen}: {error}", "give --listen another port") from error
        await self._server.start()
        await self.report(ready=True)
        return port

    def use(self, registry: Registry) -> None:
        self._features.use(registry)

    async def report(self, *, ready: bool) -> None:
        status = health_pb2.HealthCheckResponse.ServingStatus
        await self._health.set(SERVICE, status.SERVING if ready else status.NOT_SERVING)

    async def stop(self, grace_s: float) -> None:
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_s)


def _handlers(features: FeatureService) -> "grpc.GenericRpcHandler[bytes, bytes]":
    """The calls by their names, from bytes to bytes: a request that can't be parsed gets a status of ours."""
    calls: dict[str, tuple[type[Message], Callable[[Any, float | None], Awaitable[Message]]]] = {
        "GetFeatures": (wire.GetFeaturesRequest, features.get_features),
        "BatchGetFeatures": (wire.BatchGetFeaturesRequest, features.batch_get_features),
        "ListFeatures": (wire.ListFeaturesRequest, features.list_features),
        "GetFeatureSet": (wire.GetFeatureSetRequest, features.get_feature_set),
    }
    return grpc.method_handlers_generic_handler(
        SERVICE,
        {name: grpc.unary_unary_rpc_method_handler(_handler(name, *call)) for name, call in calls.items()},
    )


def _handler(
    name: str, kind: type[Message], call: Callable[[Any, float | None], Awaitable[Message]]
) -> Callable[[bytes, _Context], Awaitable[bytes]]:
    parse = kind.FromString

    async def handle(raw: bytes, context: _Context) -> bytes:
        try:
            request = parse(raw)
        except DecodeError:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"the request is not a {kind.DESCRIPTOR.name}")
        try:
            return (await call(request, context.time_remaining())).SerializeToString()
        except CallFailed as failed:
            code, message = failed.code, failed.message
        except Exception:
            _log.exception("%s failed", name)
            code, message = grpc.StatusCode.INTERNAL, "the service failed on this request"
        await context.abort(code, message)
        raise AssertionError("abort raises")

    return handle
