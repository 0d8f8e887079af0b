"""A port beside the callers' for whoever runs the service: /metrics, /livez and /readyz."""

from collections.abc import Callable

from aiohttp import web

from featuremill_serving.addresses import HostPort
from featuremill_serving.http import responses
from featuremill_serving.http.server import HttpServer

_METRICS = "text/plain; version=0.0.4; charset=utf-8"
_CLOSING_S = 1.0


class Probes:
    """Answers GET.

    Args:
        listen: where.
        metrics: what a scrape gets.
        is_ready: whether callers should be sent here. That the process lives is told by its answering.
    """

    def __init__(self, listen: HostPort, metrics: Callable[[], bytes], is_ready: Callable[[], bool]) -> None:
        self._metrics = metrics
        self._is_ready = is_ready
        self._server = HttpServer(listen, "--metrics", self._answer, lambda status, text: _plain(status, f"{text}\n"))

    async def start(self) -> HostPort:
        """Listens, and returns where.

        Raises:
            ListenError: the address can't be had.
        """
        return await self._server.start()

    async def stop(self) -> None:
        await self._server.stop(_CLOSING_S)

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        if request.method not in ("GET", "HEAD"):
            return _plain(405, "only GET\n", allow="GET")
        path = request.rel_url.raw_path
        if path == "/metrics":
            return responses.answer(200, self._metrics(), _METRICS)
        return responses.health(path, ready=self._is_ready()) or _plain(404, "/metrics, /livez, /readyz\n")


def _plain(status: int, text: str, **headers: str) -> web.Response:
    return responses.answer(status, text.encode("utf-8", "replace"), responses.TEXT, **headers)
