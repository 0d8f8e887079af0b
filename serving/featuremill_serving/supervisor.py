"""Several processes behind one port: the parent holds the port, starts workers, and counts for all of them.

A worker is this same program, told the port, with its parent at the other end of its standard input: when the parent
is gone, however it went, the worker drains and ends. On its standard output it tells whether it is ready.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Sequence

from prometheus_client import multiprocess

from featuremill_serving.addresses import HostPort, check_bindable
from featuremill_serving.errors import WorkerEnded
from featuremill_serving.metrics import text_of_all
from featuremill_serving.settings import Settings

WORKER_VARIABLE = "FEATUREMILL_SERVING_WORKER"
"""The environment variable that tells a worker its place."""
READY, NOT_READY = "ready", "not ready"
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
# after which a worker's end says nothing of how the next one will do
_LONG_LIFE_S = 60.0
_log = logging.getLogger(__name__)


class Worker:
    """One place among the processes, and whoever has it now."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self.ready = False
        self.became_ready = asyncio.Event()
        self.process: asyncio.subprocess.Process | None = None
        self._command = command
        self._environment = environment

    async def run(self) -> int:
        """Starts a process, keeps what it tells, and returns its exit code."""
        process = self.process = await asyncio.create_subprocess_exec(
            *self._command, env=self._environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        try:
            async for line in process.stdout:
                self.ready = line.decode().strip() == READY
                if self.ready:
                    self.became_ready.set()
            return await process.wait()
        finally:
            self.ready = False
            # its gauges end with it; the next one goes on from what it has counted
            place, folder = self._environment[WORKER_VARIABLE], self._environment["PROMETHEUS_MULTIPROC_DIR"]
            multiprocess.mark_process_dead(place, folder)  # type: ignore[no-untyped-call]

    async def keep(self) -> None:
        """Starts a process whenever there is none.

        Raises:
            WorkerEnded: the first one ended before it was ready: another would, too.
        """
        pause_s = _SHORTEST_PAUSE_S
        while True:
            started_s = time.monotonic()
            code = await self.run()
            if not self.became_ready.is_set():
                raise WorkerEnded(code)
            if time.monotonic() - started_s > _LONG_LIFE_S:
                pause_s = _SHORTEST_PAUSE_S
            _log.error("a worker ended with exit code %d; another is started in %g s", code, pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def end(self, within_s: float) -> None:
        """Tells the process to stop, and makes it if it doesn't."""
        process = self.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself this moment
            process.terminate()
        try:
            async with asyncio.timeout(within_s):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def supervise(settings: Settings, arguments: Sequence[str]) -> None:
    """Keeps the settings' number of workers until SIGTERM or SIGINT; prints `listening HOST:PORT` once all are ready.

    Args:
        settings: what the arguments, the environment and the file say.
        arguments: the command line, which the workers get, too.

    Raises:
        ListenError: an address can't be had.
        WorkerEnded: a worker couldn't start; it has said why.
    """
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="featuremill-"))
        listened: dict[str, HostPort] = {}
        for flag, address in settings.listened.items():
            held = stack.enter_context(_hold(flag, address))
            listened[flag] = HostPort(address.host, held.getsockname()[1])
            arguments = [*arguments, flag, str(listened[flag])]
        command = [sys.executable, "-m", "featuremill_serving", *arguments]
        environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": folder}
        workers = [Worker(command, environment | {WORKER_VARIABLE: str(place)}) for place in range(settings.processes)]
        probes = None
        if settings.metrics is not None:
            from featuremill_serving.probes import Probes  # brings aiohttp

            ready = lambda: any(worker.ready for worker in workers)  # noqa: E731
            probes = Probes(settings.metrics, lambda: text_of_all(folder), ready)
            _log.info("metrics on http://%s/metrics", await probes.start())
        stopping = asyncio.create_task(told.wait())
        keeping: list[asyncio.Task[None]] = []
        try:
            for worker in workers:
                # one after the other, so that what is wrong is said once
                keeping.append(asyncio.create_task(worker.keep()))
                started = asyncio.create_task(worker.became_ready.wait())
                await asyncio.wait({started, stopping, *keeping}, return_when=asyncio.FIRST_COMPLETED)
                started.cancel()
                _raise_from(keeping)
                if told.is_set():
                    return
            if "--http" in listened:
                _log.info("JSON over HTTP on %s", settings.http_url(listened["--http"]))
            print(f"listening {listened['--listen']}", flush=True)
            await asyncio.wait({stopping, *keeping}, return_when=asyncio.FIRST_COMPLETED)
            _raise_from(keeping)
        finally:
            if told.is_set():
                _log.info("stopping")
            for task in (stopping, *keeping):
                task.cancel()
            within_s = settings.drain + settings.grace + 1.0
            await asyncio.gather(*(worker.end(within_s) for worker in workers))
            await asyncio.gather(stopping, *keeping, return_exceptions=True)
            if probes is not None:
                await probes.stop()


def _raise_from(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done():
            task.result()


def _hold(flag: str, address: HostPort) -> socket.socket:
    """The port, bound so that workers can share it; nothing is listened to here. Raises ListenError."""
    check_bindable(address, flag)
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, sockaddr = found[0]
    held = socket.socket(family, kind, protocol)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind(sockaddr)
    return held
