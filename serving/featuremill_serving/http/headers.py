"""What a caller says in headers: who it is, how long it waits, what the call is to be known by."""

import re

from aiohttp import web

from featuremill_serving.access import Credentials, bearer_token
from featuremill_serving.requests import invalid

TIMEOUT = "grpc-timeout"
REQUEST_ID = "x-request-id"
_TIMEOUT = re.compile(r"([0-9]{1,8})([HMSmun])", re.ASCII)
_SECONDS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}


def time_left_s(request: web.BaseRequest) -> float | None:
    """How long the caller waits, by `grpc-timeout: 500m` as gRPC writes it; None: for ever. Raises CallFailed."""
    text = request.headers.get(TIMEOUT)
    if text is None:
        return None
    match = _TIMEOUT.fullmatch(text)
    if match is None:
        raise invalid(f"{TIMEOUT} must be a number of at most eight digits and one of H, M, S, m, u, n: 500m is 0.5 s")
    return int(match[1]) * _SECONDS[match[2]]


def credentials(request: web.BaseRequest) -> Credentials:
    """What the request shows of its caller."""
    held = request.headers.get("authorization")
    token = None if held is None else bearer_token([("authorization", held)])
    return Credentials(token, None if request.transport is None else _common_name(request.transport))


def peer(request: web.BaseRequest) -> str:
    """Where it comes from, as gRPC writes it."""
    address = None if request.transport is None else request.transport.get_extra_info("peername")
    if not address:
        return "unknown"
    return f"ipv6:[{address[0]}]:{address[1]}" if ":" in address[0] else f"ipv4:{address[0]}:{address[1]}"


def _common_name(transport: object) -> str | None:
    """That of a client's certificate, which was verified when it connected."""
    certificate = transport.get_extra_info("peercert")  # type: ignore[attr-defined]
    if not certificate:
        return None
    names = (value for part in certificate["subject"] for name, value in part if name == "commonName")
    return next(names, None)
