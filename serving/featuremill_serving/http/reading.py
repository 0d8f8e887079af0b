"""From an HTTP request to what is asked."""

import asyncio
import zlib

import grpc
from aiohttp import web
from google.protobuf.message import Message

from featuremill_serving.http.json_mapping import NotTheMessage, from_document, from_json
from featuremill_serving.http.responses import JSON
from featuremill_serving.http.routes import Route
from featuremill_serving.requests import CallFailed, invalid


class Unreadable(CallFailed):
    """A refusal with an HTTP status that says more than its code's."""

    def __init__(self, code: grpc.StatusCode, message: str, status: int) -> None:
        super().__init__(code, message)
        self.status = status


async def read_message(
    kind: type[Message], route: Route, parameter: str, request: web.BaseRequest, body_s: float
) -> Message:
    """The message that a request is: its body, which has so many seconds to come, or its path and query.

    Raises:
        CallFailed: it is none.
        TimeoutError: the body took longer.
    """
    try:
        if route.verb == "POST":
            return from_json(kind, _plain(request, await _body(request, body_s)))
        return from_document(kind, _query(request) | ({route.parameter: parameter} if route.parameter else {}))
    except NotTheMessage as error:
        raise invalid(f"the request is not a {kind.DESCRIPTOR.name}: {error}") from None


def _query(request: web.BaseRequest) -> dict[str, str]:
    document: dict[str, str] = {}
    for name, value in request.rel_url.query.items():
        if name in document:
            raise invalid(f"{name[:100]!r} is given twice")
        document[name] = value
    return document


async def _body(request: web.BaseRequest, seconds: float) -> bytes:
    if request.content_type != JSON:
        message = f"the body has to be JSON, and Content-Type to say so: {JSON}"
        raise Unreadable(grpc.StatusCode.INVALID_ARGUMENT, message, 415)
    try:
        if request.content.is_eof():
            return await request.read()
        if (request.content_length or 0) > request.client_max_size:
            raise web.HTTPRequestEntityTooLarge(request.client_max_size)
        async with asyncio.timeout(seconds):
            if request.headers.get("expect", "").lower() == "100-continue":
                await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                request.writer.output_size = 0
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise _too_large(request) from None
    except web.RequestPayloadError:
        raise invalid("the body is not what its headers say") from None


def _plain(request: web.BaseRequest, body: bytes) -> bytes:
    """The body as it was before it was compressed."""
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding == "identity":
        return body
    if encoding != "gzip":
        message = "the body is compressed in a way that isn't known here: Content-Encoding may be gzip"
        raise Unreadable(grpc.StatusCode.INVALID_ARGUMENT, message, 415)
    gzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        plain = gzip.decompress(body, request.client_max_size + 1)
    except zlib.error:
        raise invalid("the body is not what Content-Encoding says") from None
    if len(plain) > request.client_max_size:
        raise _too_large(request)
    if not gzip.eof or gzip.unused_data:
        raise invalid("the body is not what Content-Encoding says")
    return plain


def _too_large(request: web.BaseRequest) -> Unreadable:
    message = f"the body is too large: at most {request.client_max_size} bytes are read"
    return Unreadable(grpc.StatusCode.RESOURCE_EXHAUSTED, message, 413)
