"""The process: from settings to a service that answers, until it is told to stop."""

import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from featuremill_serving.addresses import HostPort
from featuremill_serving.aio_engine import AioEngine
from featuremill_serving.backing import Backing
from featuremill_serving.engine import Engine, EngineName, Front
from featuremill_serving.errors import RedisError, StoreError, StoreRefused
from featuremill_serving.metrics import Metrics
from featuremill_serving.registry import Registry
from featuremill_serving.registry_watch import FileSource, RedisSource, RegistryWatch
from featuremill_serving.service import FeatureService
from featuremill_serving.settings import Settings
from featuremill_serving.store import RedisStore
from featuremill_serving.supervisor import NOT_READY, READY
from featuremill_serving.tls import server_credentials
from featuremill_serving.tracing import start_tracing

REFRESH_S = 1.0
_ENGINES = {EngineName.AIO: AioEngine}

_log = logging.getLogger(__name__)


async def run(settings: Settings, *, worker: bool = False) -> None:
    """Serves until SIGTERM or SIGINT (unless it is ignored); prints `listening HOST:PORT` once requests are answered.

    A `worker` of several shares its port, tells its parent whether it is ready, and ends with it.

    Raises:
        ListenError, RedisError, RegistryError, UsageError: it can't start.
    """
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, told.set)
    if worker:
        loop.add_reader(sys.stdin.fileno(), told.set)  # there is nothing to read but the end
    serving = asyncio.create_task(_serve(settings, told, worker=worker))
    stopping = asyncio.create_task(told.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if told.is_set():
        if worker:
            loop.remove_reader(sys.stdin.fileno())
        else:
            _log.info("stopping")
    stopping.cancel()
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


async def _serve(settings: Settings, told: asyncio.Event, *, worker: bool) -> None:
    metrics = Metrics()
    store = RedisStore(settings.store_options())
    guard = settings.guard(metrics.callers_refused)
    tracing = start_tracing(settings.trace_endpoint, entity_names=settings.trace_entity_names)
    reader = store if tracing is None else tracing.reader(store)
    features = FeatureService(reader, settings.clock, settings.limits, metrics)
    if tracing is not None:
        features.calls = tracing.calls(features.calls)
    backing = Backing(
        features,
        metrics,
        guard=guard,
        tls=settings.tls,
        shared=worker,
        connection_age_s=settings.max_connection_age,
        grace_s=settings.grace,
        log_requests=settings.log_requests,
        tracing=tracing,
    )
    engine: Engine = _ENGINES[settings.engine](settings.listen, backing)
    http = None
    if settings.http is not None:
        from featuremill_serving.http.api import HttpApi  # brings aiohttp, as the probes do: a third of a start

        http = HttpApi(settings.http, backing)

    def use(registry: Registry) -> None:
        engine.use(registry)
        metrics.registry_loaded()

    source = FileSource(settings.registry) if settings.registry else RedisSource(store)
    watch = RegistryWatch(source, use, metrics.registry_refused)
    fronts: tuple[Front, ...] = (engine,) if http is None else (engine, http)
    readiness = Readiness(fronts, metrics, tell=worker)
    probes = None
    try:
        if settings.metrics is not None and not worker:
            from featuremill_serving.probes import Probes

            probes = Probes(settings.metrics, metrics.text, lambda: readiness.ready)
            _log.info("metrics on http://%s/metrics", await probes.start())
        if settings.registry:
            await watch.load()
        await _reach(store, settings.wait_for_redis)
        await watch.refresh()
        address = HostPort(settings.listen.host, await engine.start())
        http_address = None if http is None else await http.start()
        if not worker:
            if http_address is not None:
                _log.info("JSON over HTTP on %s", settings.http_url(http_address))
            print(f"listening {address}", flush=True)
        await readiness.set(ready=True)
        # what lives as long as the process is not looked through again: with 64 callers that took half off p99
        gc.collect()
        gc.freeze()
        looks = [lambda: _look_at_redis(store, watch, readiness)]
        if guard is not None:
            looks.append(guard.refresh)  # keys come over the network: whether Redis is there doesn't wait for them
        await asyncio.gather(*map(_keep_looking, looks))
    finally:
        if told.is_set() and readiness.ready:
            await readiness.set(ready=False)
            await asyncio.sleep(settings.drain)
        await asyncio.gather(*(front.stop(settings.grace) for front in fronts))
        if tracing is not None:
            await tracing.stop()
        await store.close()
        if probes is not None:
            await probes.stop()


class Readiness:
    """Whether callers should be sent here, for all who ask: health checks, metrics, /readyz, a parent process."""

    def __init__(self, fronts: Sequence[Front], metrics: Metrics, *, tell: bool) -> None:
        self.ready = False
        self._fronts = fronts
        self._metrics = metrics
        self._tell = tell

    async def set(self, *, ready: bool) -> None:
        changed, self.ready = ready != self.ready, ready
        for front in self._fronts:
            await front.report(ready=ready)
        self._metrics.redis_is(up=ready)
        if changed and self._tell:
            with contextlib.suppress(BrokenPipeError):  # a parent that is gone needn't know
                os.write(sys.stdout.fileno(), f"{READY if ready else NOT_READY}\n".encode())


async def _reach(store: RedisStore, wait_s: float) -> None:
    """Returns when Redis answers.

    Raises:
        RedisError: it doesn't within that time, or it refuses us.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_s
    if wait_s:
        _log.info("waiting for Redis at %s, at most %g s", store.options, wait_s)
    while True:
        try:
            return await store.start()
        except StoreRefused as error:
            raise RedisError(
                f"Redis at {store.options} refused the login: {error}",
                "put its password into the environment variable FEATUREMILL_REDIS_PASSWORD, or give --redis-username",
            ) from error
        except StoreError as error:
            if loop.time() >= deadline:
                raise RedisError(
                    f"Redis at {store.options} can't be read: {error}",
                    "start it, or give its address with --redis; --wait-for-redis SECONDS waits for a starting one",
                ) from error
        await asyncio.sleep(0.1)


async def _keep_looking(look: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Looks every second. What goes wrong in a way that nobody has thought of is logged, and doesn't end it."""
    while True:
        await asyncio.sleep(REFRESH_S)
        try:
            await look()
        except Exception:
            _log.exception("a look at what may have changed failed")


async def _look_at_redis(store: RedisStore, watch: RegistryWatch, readiness: Readiness) -> None:
    """Is Redis there, is there a new registry?"""
    try:
        await store.ping()
    except StoreError as error:
        if readiness.ready:
            _log.error("Redis at %s can't be read: %s", store.options, error)
        await readiness.set(ready=False)
    else:
        if not readiness.ready:
            _log.info("Redis at %s can be read again", store.options)
        await readiness.set(ready=True)
        await watch.refresh()


async def check(settings: Settings) -> None:
    """Tries everything that a start needs, and prints what was found; nothing is listened to.

    Raises:
        ServingError: what is wrong.
    """
    settings.guard()
    if settings.tls is not None:
        server_credentials(settings.tls)
    tracing = start_tracing(settings.trace_endpoint, entity_names=settings.trace_entity_names)
    if tracing is not None:
        await tracing.stop()
    store = RedisStore(settings.store_options())
    try:
        await _reach(store, settings.wait_for_redis)
        source = FileSource(settings.registry) if settings.registry else RedisSource(store)
        found: list[Registry] = []
        await RegistryWatch(source, found.append).load()
    except StoreError as error:
        raise RedisError(f"Redis at {store.options} can't be read: {error}", "look at its log") from error
    finally:
        await store.close()
    for name, value in settings.model_dump(mode="json", exclude_none=True).items():
        print(f"{name} = {json.dumps(value)}")
    features = sum(map(len, found[0].entities.values())) if found else 0
    print(f"ok: Redis at {store.options}, " + (f"a registry of {features} features" if found else "no registry yet"))
