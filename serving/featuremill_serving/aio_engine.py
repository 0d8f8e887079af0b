"""The engine in Python: grpc.aio."""

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from featuremill_serving.addresses import HostPort, check_bindable
from featuremill_serving.clock import Clock
from featuremill_serving.errors import ListenError
from featuremill_serving.registry import Registry
from featuremill_serving.service import FeatureService
from featuremill_serving.store import RedisStore
from featuremill_serving.v1.serving_pb2 import DESCRIPTOR
from featuremill_serving.v1.serving_pb2_grpc import add_FeatureServiceServicer_to_server

SERVICE = DESCRIPTOR.services_by_name["FeatureService"].full_name


class AioEngine:
    """`Engine` in one event loop. Health, of the service by its name, and reflection are the standard ones."""

    def __init__(self, listen: HostPort, store: RedisStore, clock: Clock) -> None:
        self._listen = listen
        self._features = FeatureService(store, clock)
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]
        # Without SO_REUSEPORT a port that another process has is refused, not shared.
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        add_FeatureServiceServicer_to_server(self._features, self._server)  # type: ignore[no-untyped-call]
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
        self._features.registry = registry

    async def report(self, *, ready: bool) -> None:
        status = health_pb2.HealthCheckResponse.ServingStatus
        await self._health.set(SERVICE, status.SERVING if ready else status.NOT_SERVING)

    async def stop(self, grace_s: float) -> None:
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_s)
