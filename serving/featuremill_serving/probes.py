"""A port beside gRPC's for whoever runs the service: /metrics, /livez and /readyz."""

import asyncio
from collections.abc import Callable

from featuremill_serving.addresses import HostPort
from featuremill_serving.errors import ListenError

_TIMEOUT_S = 5.0
_LONGEST_LINE = 8192
_REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


class Probes:
    """Answers GET by HTTP/1.1, one request for each connection.

    Args:
        listen: where.
        metrics: what a scrape gets.
        is_ready: whether callers should be sent here. That the process lives is told by its answering.
    """

    def __init__(self, listen: HostPort, metrics: Callable[[], bytes], is_ready: Callable[[], bool]) -> None:
        self._listen = listen
        self._metrics = metrics
        self._is_ready = is_ready
        self._server: asyncio.Server | None = None

    async def start(self) -> HostPort:
        """Listens, and returns where.

        Raises:
            ListenError: the address can't be had.
        """
        try:
            self._server = await asyncio.start_server(
                self._answer, self._listen.host, self._listen.port, limit=_LONGEST_LINE
            )
        except OSError as error:
            raise ListenError(
                f"can't listen on {self._listen}: {error.strerror}", "give --metrics another address"
            ) from None
        return HostPort(self._listen.host, self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                method, _, rest = (await reader.readline()).decode("latin-1").partition(" ")
                while (await reader.readline()).strip():
                    pass
                code, body = self._respond(method, rest.partition(" ")[0].partition("?")[0])
                head = f"HTTP/1.1 {code} {_REASONS[code]}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                writer.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
                await writer.drain()
        except (TimeoutError, OSError, ValueError):
            pass  # not HTTP, or gone
        finally:
            writer.close()

    def _respond(self, method: str, path: str) -> tuple[int, bytes]:
        if method != "GET":
            return 405, b"only GET\n"
        if path == "/metrics":
            return 200, self._metrics()
        if path == "/livez":
            return 200, b"alive\n"
        if path == "/readyz":
            return (200, b"ready\n") if self._is_ready() else (503, b"not ready\n")
        return 404, b"/metrics, /livez, /readyz\n"
