"""The engine in Python: grpc.aio."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from featuremill_serving.addresses import HostPort, check_bindable
from featuremill_serving.backing import Backing
from featuremill_serving.call import Call
from featuremill_serving.call_log import log_call, request_id
from featuremill_serving.entity_request import EntityRequests
from featuremill_serving.errors import ListenError
from featuremill_serving.registry import Registry
from featuremill_serving.requests import CallFailed
from featuremill_serving.tls import server_credentials
from featuremill_serving.v1 import serving_pb2 as wire

SERVICE = wire.DESCRIPTOR.services_by_name["FeatureService"].full_name
_Context = grpc.aio.ServicerContext[bytes, bytes]
_log = logging.getLogger(__name__)


class AioEngine:
    """`Engine` in one event loop. Health, of the service by its name, and reflection are the standard ones.

    Args:
        listen: where.
        backing: what stands behind it.
    """

    def __init__(self, listen: HostPort, backing: Backing) -> None:
        self._listen = listen
        self._backing = backing
        self._credentials = None if backing.tls is None else server_credentials(backing.tls)
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]
        options = [
            # without SO_REUSEPORT a port that another process has is refused, not shared
            ("grpc.so_reuseport", int(backing.shared)),
            ("grpc.max_receive_message_length", backing.features.limits.request_bytes),
        ]
        if backing.connection_age_s is not None:
            options += [
                ("grpc.max_connection_age_ms", _milliseconds(backing.connection_age_s)),
                ("grpc.max_connection_age_grace_ms", _milliseconds(backing.grace_s)),
            ]
        self._server = grpc.aio.server(options=options)
        self._server.add_generic_rpc_handlers((self._handlers(),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection((SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server)

    async def start(self) -> int:
        if not self._backing.shared:
            check_bindable(self._listen)
        try:
            if self._credentials is None:
                port = self._server.add_insecure_port(str(self._listen))
            else:
                port = self._server.add_secure_port(str(self._listen), self._credentials)
        except RuntimeError as error:
            raise ListenError(f"can't listen on {self._listen}: {error}", "give --listen another port") from error
        await self._server.start()
        await self.report(ready=True)
        return port

    def use(self, registry: Registry) -> None:
        self._backing.features.use(registry)

    async def report(self, *, ready: bool) -> None:
        status = health_pb2.HealthCheckResponse.ServingStatus
        await self._health.set(SERVICE, status.SERVING if ready else status.NOT_SERVING)

    async def stop(self, grace_s: float) -> None:
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_s)

    def _handlers(self) -> "grpc.GenericRpcHandler[bytes, bytes]":
        """The calls by their names, from bytes to bytes: a request that can't be parsed gets a status of ours."""
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                name: grpc.unary_unary_rpc_method_handler(self._handler(name, kind, call))
                for name, (kind, call) in self._backing.features.calls.items()
            },
        )

    def _handler(
        self, name: str, kind: type[Message], answer: Callable[[Any, Call], Awaitable[Message]]
    ) -> Callable[[bytes, _Context], Awaitable[bytes]]:
        parse: Callable[[bytes], Any] = kind.FromString
        if kind is wire.GetFeaturesRequest:
            parse = EntityRequests().parse
        backing, guard, tracing = self._backing, self._backing.guard, self._backing.tracing
        clock, ok = time.perf_counter, grpc.StatusCode.OK

        async def handle(raw: bytes, context: _Context) -> bytes:
            started = clock()
            code, message = ok, ""
            caller = None
            try:
                if guard is not None:
                    caller = guard.admit(context)
                response = await answer(parse(raw), Call(caller, context.time_remaining()))
                return response.SerializeToString()
            except CallFailed as failed:
                code, message = failed.code, failed.message
            except DecodeError:
                code, message = grpc.StatusCode.INVALID_ARGUMENT, f"the request is not a {kind.DESCRIPTOR.name}"
            except asyncio.CancelledError:
                code = grpc.StatusCode.CANCELLED
                raise
            except Exception:
                _log.exception("%s failed", name)
                code, message = grpc.StatusCode.INTERNAL, "the service failed on this request"
            finally:
                seconds = clock() - started
                if backing.ended(name, code, seconds):
                    _log_call(name, code, message, seconds, context, caller.name if caller is not None else None)
            await context.abort(code, message)
            raise AssertionError("abort raises")

        return handle if tracing is None else tracing.handler(SERVICE, name, handle)


def _milliseconds(seconds: float) -> int:
    """As gRPC's options take them; the most that they take means for ever."""
    return min(max(1, round(seconds * 1000)), 2**31 - 1)


def _log_call(
    name: str, code: grpc.StatusCode, message: str, seconds: float, context: _Context, caller: str | None
) -> None:
    """One line for a call. Its id is what the caller has sent as `x-request-id`, if it has."""
    sent = (value for key, value in context.invocation_metadata() or () if key == "x-request-id")
    log_call(name, code, message, seconds, id=request_id(next(sent, None)), peer=context.peer(), caller=caller)
