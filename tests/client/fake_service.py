"""A service that answers as it is told: for what the real one does too seldom to be waited for."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent import futures
from typing import Any

import grpc
from featuremill_client.connection import SERVICE
from featuremill_client.v1 import serving_pb2 as wire

METHODS = ("GetFeatures", "BatchGetFeatures", "ListFeatures", "GetFeatureSet")


class FakeService:
    """Counts calls, and ends reads with a status, late, with these bytes, or with these values of one entity."""

    def __init__(
        self,
        *,
        code: str | None = None,
        slow_s: float = 0.0,
        raw: bytes | None = None,
        values: list[str] | None = None,
        types: dict[str, str] | None = None,
    ) -> None:
        self._code = code
        self._slow_s = slow_s
        self._raw = raw
        self._values = values or []
        self._types = types or {}
        self._ended = threading.Event()
        self.listing_fails = False
        self.calls: Counter[str] = Counter()
        self.request_ids: set[str] = set()

    def __enter__(self) -> FakeService:
        self._server = grpc.server(futures.ThreadPoolExecutor(4))
        handlers = {name: grpc.unary_unary_rpc_method_handler(self._handler(name)) for name in METHODS}
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.stop(0).wait()

    def _handler(self, name: str) -> Any:
        def handle(raw: bytes, context: grpc.ServicerContext) -> bytes:
            self.calls[name] += 1
            if name == "ListFeatures":
                if self.listing_fails:
                    context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
                features = [wire.Feature(name=each, type=kind) for each, kind in self._types.items()]
                return wire.ListFeaturesResponse(features=features).SerializeToString()
            self.request_ids |= {value for key, value in context.invocation_metadata() if key == "x-request-id"}
            if self._code is not None:
                context.abort(grpc.StatusCode[self._code], f"the fake says {self._code}")
            self._ended.wait(self._slow_s)
            if self._raw is not None:
                return self._raw
            if name == "BatchGetFeatures":
                request = wire.BatchGetFeaturesRequest.FromString(raw)
                texts = wire.StringValues(values=[""] * len(request.entity_names))
                return wire.BatchGetFeaturesResponse(
                    statuses=[wire.FEATURE_STATUS_MISSING] * len(request.entity_names),
                    columns=[wire.Column(strings=texts)],
                ).SerializeToString()
            statuses = [wire.FEATURE_STATUS_PRESENT] * len(self._values)
            return wire.GetFeaturesResponse(values=self._values, statuses=statuses).SerializeToString()

        return handle
