"""The calls as JSON over HTTP: the same service, rules, limits and counts as by gRPC."""

import asyncio
import logging
import time
from importlib import resources

import grpc
from aiohttp import web

from featuremill_serving.access import Caller
from featuremill_serving.addresses import HostPort
from featuremill_serving.backing import Backing
from featuremill_serving.call import Call
from featuremill_serving.call_log import log_call, request_id
from featuremill_serving.http import responses
from featuremill_serving.http.headers import REQUEST_ID, credentials, peer, time_left_s
from featuremill_serving.http.json_mapping import to_json
from featuremill_serving.http.reading import Unreadable, read_message
from featuremill_serving.http.routes import Route, find_route
from featuremill_serving.http.server import HttpServer
from featuremill_serving.requests import CallFailed
from featuremill_serving.tls import server_context

# a body that comes more slowly than this isn't waited for
_BODY_S = 30.0
_PAGES = {"/openapi.json": ("openapi.json", "application/json"), "/docs": ("docs.html", "text/html; charset=utf-8")}
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
Ended = tuple[web.Response, grpc.StatusCode]
_log = logging.getLogger(__name__)


class HttpApi:
    """Listens on one address and answers the service's calls; and anybody, whatever the guard says, its description and
    whether it is ready.

    Args:
        listen: where.
        backing: what stands behind it.
    """

    def __init__(self, listen: HostPort, backing: Backing) -> None:
        self._backing = backing
        self._ready = False
        files = resources.files("featuremill_serving.v1")
        self._pages = {path: (files.joinpath(name).read_bytes(), kind) for path, (name, kind) in _PAGES.items()}
        self._server = HttpServer(
            listen,
            "--http",
            self._handle,
            _refuse,
            largest=backing.features.limits.request_bytes,
            tls=None if backing.tls is None else server_context(backing.tls),
            shared=backing.shared,
            connection_age_s=backing.connection_age_s,
        )

    async def start(self) -> HostPort:
        """Listens, and returns where.

        Raises:
            ListenError: the address can't be had.
        """
        return await self._server.start()

    async def report(self, *, ready: bool) -> None:
        """Tells /readyz whether Redis can be read. While it can't, and before the end, connections aren't kept."""
        self._ready = ready

    async def stop(self, grace_s: float) -> None:
        """Takes no more calls, and gives those under way so many seconds."""
        await self._server.stop(grace_s)

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        path = request.rel_url.raw_path
        found = find_route(path)
        if found is None:
            response = self._page(path, request.method)
        elif request.method != found[0].verb:
            response = _not_this_way(found[0].verb)
        else:
            call = self._call if self._backing.tracing is None else self._traced_call
            response, _ = await call(*found, request)
        if not self._ready:
            response.force_close()
        return response

    def _page(self, path: str, verb: str) -> web.Response:
        """What is no call."""
        response = responses.health(path, ready=self._ready)
        if response is None and path in self._pages:
            body, kind = self._pages[path]
            response = responses.answer(200, body, kind, content_security_policy=_PAGE_POLICY)
        if response is None:
            return responses.error(grpc.StatusCode.NOT_FOUND, "there is nothing here; /docs tells what there is")
        return response if verb in ("GET", "HEAD") else _not_this_way("GET")

    async def _traced_call(self, route: Route, parameter: str, request: web.BaseRequest) -> Ended:
        """The same with a span."""
        assert self._backing.tracing is not None
        headers = {name.lower(): value for name, value in request.headers.items()}
        attributes = {"http.request.method": route.verb, "http.route": route.template, "rpc.method": route.call}
        with self._backing.tracing.call(f"{route.verb} {route.template}", headers, attributes) as span:
            code = grpc.StatusCode.CANCELLED
            try:
                response, code = await self._call(route, parameter, request)
                span.set_attribute("http.response.status_code", response.status)
                return response, code
            finally:
                self._backing.tracing.ended(span, code)

    async def _call(self, route: Route, parameter: str, request: web.BaseRequest) -> Ended:
        """One call of the service; it raises only where nobody waits for the answer."""
        started = time.perf_counter()
        kind, answer = self._backing.features.calls[route.call]
        code, message = grpc.StatusCode.OK, ""
        status: int | None = None
        caller: Caller | None = None
        id = request_id(request.headers.get(REQUEST_ID))
        try:
            if self._backing.guard is not None:
                caller = self._backing.guard.identify(credentials(request))
            waits_s = time_left_s(request)
            body_s = _BODY_S if waits_s is None else min(waits_s, _BODY_S)
            asked = await read_message(kind, route, parameter, request, body_s)
            if waits_s is None:
                found = await answer(asked, Call(caller))
            else:
                left_s = waits_s - (time.perf_counter() - started)
                async with asyncio.timeout(left_s):
                    found = await answer(asked, Call(caller, left_s))
            return responses.answer(200, to_json(found), x_request_id=id), code
        except CallFailed as failed:
            code, message = failed.code, failed.message
            status = failed.status if isinstance(failed, Unreadable) else None
        except TimeoutError:
            code, message = grpc.StatusCode.DEADLINE_EXCEEDED, "the request and its answer took too long"
        except (asyncio.CancelledError, ConnectionError):
            code = grpc.StatusCode.CANCELLED
            raise
        except Exception:
            _log.exception("%s failed", route.call)
            code, message = grpc.StatusCode.INTERNAL, "the service failed on this request"
        finally:
            seconds = time.perf_counter() - started
            if self._backing.ended(route.call, code, seconds):
                name = None if caller is None else caller.name
                log_call(route.call, code, message, seconds, id=id, peer=peer(request), caller=name)
        return responses.error(code, message, status, x_request_id=id), code


def _not_this_way(verb: str) -> web.Response:
    return responses.error(grpc.StatusCode.UNIMPLEMENTED, f"this is for {verb} alone", 405, allow=verb)


def _refuse(status: int, message: str) -> web.Response:
    """What isn't HTTP, or can't be."""
    if status < 500:
        return responses.error(grpc.StatusCode.INVALID_ARGUMENT, message, status)
    return responses.error(grpc.StatusCode.INTERNAL, "the service failed on this request")
