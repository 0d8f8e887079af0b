"""What an HTTP caller gets beside the values: statuses, errors as JSON, headers."""

import json

import grpc
from aiohttp import web

# as google.rpc.Code has it
_STATUS_OF = {
    grpc.StatusCode.OK: 200,
    grpc.StatusCode.CANCELLED: 499,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.UNAVAILABLE: 503,
}
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
# whose program answers is nobody's concern
_SERVER = "featuremill"


def http_status(code: grpc.StatusCode) -> int:
    """The HTTP status of a gRPC code."""
    return _STATUS_OF.get(code, 500)


def answer(status: int, body: bytes, content_type: str = JSON, **headers: str) -> web.Response:
    """An answer; `x_request_id` in `headers` is the header `x-request-id`."""
    response = web.Response(status=status, body=body)
    response.headers["Content-Type"] = content_type
    response.headers["Server"] = _SERVER
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def error(code: grpc.StatusCode, message: str, status: int | None = None, **headers: str) -> web.Response:
    """An error in the form that Google's APIs have: `{"error": {"code": 404, "status": "NOT_FOUND", "message": …}}`.

    `status` is another HTTP status than the code's.
    """
    status = http_status(code) if status is None else status
    document = {"error": {"code": status, "status": code.name, "message": message}}
    if status == 401:
        headers["www_authenticate"] = "Bearer"
    return answer(status, json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"), **headers)


def health(path: str, *, ready: bool) -> web.Response | None:
    """The answer of /livez or /readyz; None of any other path."""
    if path == "/livez":
        return answer(200, b"alive\n", TEXT)
    if path == "/readyz":
        return answer(200, b"ready\n", TEXT) if ready else answer(503, b"not ready\n", TEXT)
    return None
