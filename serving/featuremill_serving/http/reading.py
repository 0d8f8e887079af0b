"""From an HTTP request to what is asked."""

import asyncio

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
            return from_json(kind, await _body(request, body_s))
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
        message = f"the body is too large: at most {request.client_max_size} bytes are read"
        raise Unreadable(grpc.StatusCode.RESOURCE_EXHAUSTED, message, 413) from None
    except web.RequestPayloadError:
        raise invalid("the body is not what its headers say") from None
