"""An HTTP/1.1 server: aiohttp's, told to answer mistakes as we do."""

import asyncio
import contextlib
import logging
import math
import random
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from featuremill_serving.addresses import HostPort
from featuremill_serving.errors import ListenError

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Refuse = Callable[[int, str], web.Response]
# how long a connection may be without a whole request
_IDLE_S = 75.0
_LONGEST_COMPLAINT = 200
_OF_CALLERS = (HttpProcessingError, web.RequestPayloadError)
_log = logging.getLogger(__name__)


class HttpServer:
    """Listens on one address and hands every request to a handler.

    Args:
        listen: where; port 0 is any free one.
        flag: the option that says so, for a message.
        handler: answers a request; is cancelled when the caller goes away.
        refuse: makes the answer to what isn't HTTP, or fails in a way that nobody has thought of, of a status and a
            message.
        largest: the most bytes of a body as it is sent; more raises HTTPRequestEntityTooLarge.
        tls: None: without.
        shared: whether other processes of ours have the same port.
        connection_age_s: after which a connection is closed with its next answer, a tenth more or less; None: never.
    """

    def __init__(
        self,
        listen: HostPort,
        flag: str,
        handler: Handler,
        refuse: Refuse,
        *,
        largest: int = 0,
        tls: ssl.SSLContext | None = None,
        shared: bool = False,
        connection_age_s: float | None = None,
    ) -> None:
        self._listen = listen
        self._flag = flag
        self._handler = handler
        self._refuse = refuse
        self._largest = largest
        self._tls = tls
        self._shared = shared
        self._connection_age_s = math.inf if connection_age_s is None else connection_age_s
        self._runner: web.ServerRunner | None = None

    async def start(self) -> HostPort:
        """Listens, and returns where.

        Raises:
            ListenError: the address can't be had.
        """
        server = _Server(self._handler, self._refuse, self._largest, self._connection_age_s)
        self._runner = web.ServerRunner(server)
        await self._runner.setup()
        host, port = self._listen.host, self._listen.port
        site = web.TCPSite(self._runner, host, port, ssl_context=self._tls, reuse_port=self._shared or None)
        try:
            await site.start()
        except OSError as error:
            raise ListenError(
                f"can't listen on {self._listen}: {error.strerror or error}", f"give {self._flag} another address"
            ) from None
        return HostPort(host, self._runner.addresses[0][1])

    async def stop(self, grace_s: float) -> None:
        """Takes no more requests, and gives those under way so many seconds. Connections without one are closed."""
        if self._runner is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(grace_s):
                    await self._runner.cleanup()


class _Server(web.Server):
    """Makes connections that refuse as we do and don't grow too old, and requests of a bounded size."""

    def __init__(self, handler: Handler, refuse: Refuse, largest: int, connection_age_s: float) -> None:
        super().__init__(handler, request_factory=self._bounded, handler_cancellation=True)
        self._refuse = refuse
        self._largest = largest
        self._connection_age_s = connection_age_s

    def __call__(self) -> web.RequestHandler:
        return _Connection(
            self,
            self._refuse,
            # those that came at the same time aren't to go at the same time
            self._loop.time() + self._connection_age_s * random.uniform(0.9, 1.1),
            loop=self._loop,
            keepalive_timeout=_IDLE_S,
            access_log=None,
            lingering_time=1.0,
            # where a deflated body breaks off, aiohttp's leaves its reader waiting
            auto_decompress=False,
        )

    def _bounded(self, message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        size = self._largest
        return web.BaseRequest(message, payload, protocol, writer, task, self._loop, client_max_size=size)


class _Connection(web.RequestHandler):
    __slots__ = ("_old_at_s", "_refuse")

    def __init__(self, server: _Server, refuse: Refuse, old_at_s: float, **options: Any) -> None:
        super().__init__(server, **options)
        self._refuse = refuse
        self._old_at_s = old_at_s

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        if self._loop.time() >= self._old_at_s:
            resp.force_close()
        return await super().finish_response(request, resp, start_time)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        self.log_exception("an HTTP request failed", exc_info=exc)
        response = self._refuse(status, "" if message is None else " ".join(message.split())[:_LONGEST_COMPLAINT])
        response.force_close()
        return response

    def log_exception(self, *args: Any, **options: Any) -> None:
        """aiohttp's would log whatever a caller sends that isn't HTTP, with a traceback."""
        if not isinstance(options.get("exc_info"), _OF_CALLERS):
            _log.error(*args, **options)
