"""OpenTelemetry traces: a span for each call, and below it one for what Redis is asked.

Nothing of this is on a call's way unless traces are asked for: a Tracing wraps what it looks at. Spans leave in the
background; where nobody takes them they are dropped, and no call waits or fails.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.message import Message

from featuremill_serving import __version__
from featuremill_serving.call import Call
from featuremill_serving.entity_request import EntityRequest
from featuremill_serving.errors import UsageError
from featuremill_serving.layout import Read
from featuremill_serving.service import Answer, Calls, Reader

_STANDARD = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_SERVICE_NAME = "featuremill-serving"
# where the process ends, spans that are left have so long to go
_FLUSH_S = 0.5
_MOST_NAMES = 100
# what is ours to mend, as the semantic conventions have it for a server
_FAILED = frozenset(
    {
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
)
_log = logging.getLogger(__name__)
_Handler = Callable[[bytes, Any], Awaitable[bytes]]


def start_tracing(endpoint: str | None, *, entity_names: bool) -> "Tracing | None":
    """Traces that go to a collector by OTLP over gRPC; None where they aren't asked for.

    Args:
        endpoint: its URL; None: what OpenTelemetry's environment variables say.
        entity_names: whether spans bear the names of entities.

    Raises:
        UsageError: they are asked for by the setting, and can't be had.
    """
    if not _are_asked_for(endpoint):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        mend = "install featuremill-serving[tracing], or leave --trace-endpoint out"
        if endpoint is None:
            _log.warning("no traces, though the environment asks for them: OpenTelemetry is not installed; %s", mend)
            return None
        raise UsageError("OpenTelemetry, which makes traces, is not installed", mend) from None
    resource = Resource.create()
    if str(resource.attributes.get("service.name", "")).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": _SERVICE_NAME}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return Tracing(provider, entity_names=entity_names)


def _are_asked_for(endpoint: str | None) -> bool:
    """Whether there shall be traces: by our setting, or by OpenTelemetry's own environment variables."""
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or os.environ.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    return endpoint is not None or any(os.environ.get(name) for name in _STANDARD)


class Tracing:
    """Makes spans of a provider, below those that callers name in `traceparent` (W3C)."""

    def __init__(self, provider: Any, *, entity_names: bool) -> None:
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._trace = trace
        self._provider = provider
        self._tracer = provider.get_tracer("featuremill_serving", __version__)
        self._propagator = TraceContextTextMapPropagator()
        self._entity_names = entity_names

    @contextmanager
    def call(self, name: str, headers: Mapping[str, str], attributes: Mapping[str, str]) -> Iterator[Any]:
        """The span of a call, below which all is that is done meanwhile. `headers` are in lower case."""
        with self._tracer.start_as_current_span(
            name,
            context=self._propagator.extract(headers),
            kind=self._trace.SpanKind.SERVER,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield span

    def ended(self, span: Any, code: grpc.StatusCode) -> None:
        """The call of the span has ended."""
        span.set_attribute("rpc.grpc.status_code", code.value[0])
        if code in _FAILED:
            span.set_status(self._trace.StatusCode.ERROR, code.name)

    def handler(self, service: str, name: str, handle: _Handler) -> _Handler:
        """A gRPC handler whose calls have spans."""
        title = f"{service}/{name}"
        attributes = {"rpc.system": "grpc", "rpc.service": service, "rpc.method": name}

        async def traced(raw: bytes, context: Any) -> bytes:
            metadata = context.invocation_metadata() or ()
            headers = {key: value for key, value in metadata if key in self._propagator.fields}
            with self.call(title, headers, attributes) as span:
                try:
                    return await handle(raw, context)
                except asyncio.CancelledError:
                    context.set_code(grpc.StatusCode.CANCELLED)
                    raise
                finally:
                    self.ended(span, context.code() or grpc.StatusCode.OK)

        return traced

    def calls(self, calls: Calls) -> Calls:
        """The service's calls, which tell their spans what they are asked for."""
        return {name: (kind, self._described(answer)) for name, (kind, answer) in calls.items()}

    def reader(self, store: Reader) -> Reader:
        """A store whose reads have spans."""
        return _TracedReader(store, self._tracer, self._trace)

    async def stop(self) -> None:
        """Sends what is left, as far as that can be done at once."""
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def shut_down() -> None:
            self._provider.shutdown()
            try:
                loop.call_soon_threadsafe(done.set)
            except RuntimeError:
                pass  # nobody waits any longer, and the loop is closed

        # no thread of the loop's own: those are waited for, however long they take
        threading.Thread(target=shut_down, daemon=True).start()
        try:
            async with asyncio.timeout(_FLUSH_S):
                await done.wait()
        except TimeoutError:
            _log.warning("spans are left that nobody has taken within %g s", _FLUSH_S)

    def _described(self, answer: Answer) -> Answer:
        async def described(request: Any, call: Call) -> Message:
            self._trace.get_current_span().set_attributes(self._facts(request))
            return await answer(request, call)

        return described

    def _facts(self, request: Any) -> dict[str, Any]:
        """What a span tells of a request."""
        asked = request.asked if isinstance(request, EntityRequest) else request
        feature_set, feature_names = getattr(asked, "feature_set", ""), getattr(asked, "feature_names", ())
        names = [request.entity_name] if hasattr(request, "entity_name") else getattr(request, "entity_names", ())
        facts: dict[str, Any] = {}
        if feature_set:
            facts["featuremill.feature_set"] = feature_set
        if feature_names:
            facts["featuremill.feature_count"] = len(feature_names)
        if names:
            facts["featuremill.entity_count"] = len(names)
            if self._entity_names:
                facts["featuremill.entity_names"] = list(names[:_MOST_NAMES])
        return facts


class _TracedReader:
    def __init__(self, store: Reader, tracer: Any, trace: Any) -> None:
        self._store = store
        self._tracer = tracer
        self._trace = trace

    async def read(
        self, read: Read, keys: Sequence[bytes], time_left_s: float | None = None
    ) -> Sequence[Sequence[bytes | None]]:
        command = "HGETALL" if read.whole else "HMGET"
        attributes = {
            "db.system.name": "redis",
            "db.operation.name": command,
            "db.operation.batch.size": len(keys),
            "featuremill.field_count": len(read.fields),
        }
        with self._tracer.start_as_current_span(
            command,
            kind=self._trace.SpanKind.CLIENT,
            attributes=attributes,
            # its text may hold addresses and keys: its kind is enough
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                return await self._store.read(read, keys, time_left_s)
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(self._trace.StatusCode.ERROR)
                raise
