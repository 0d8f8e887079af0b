"""The process: from settings to a service that answers, until it is told to stop."""

import asyncio
import contextlib
import logging
import signal

from featuremill_serving.addresses import HostPort, is_loopback
from featuremill_serving.aio_engine import AioEngine
from featuremill_serving.engine import Engine
from featuremill_serving.errors import RedisError, StoreError, StoreRefused
from featuremill_serving.registry_watch import FileSource, RedisSource, RegistryWatch
from featuremill_serving.service import FeatureService
from featuremill_serving.settings import Settings
from featuremill_serving.store import RedisStore

REFRESH_S = 1.0

_log = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT (unless it is ignored); prints `listening HOST:PORT` once requests are answered.

    Raises:
        ListenError, RedisError, RegistryError: it can't start.
    """
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    serving = asyncio.create_task(_serve(settings))
    stopping = asyncio.create_task(told.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if told.is_set():
        _log.info("stopping")
    stopping.cancel()
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


async def _serve(settings: Settings) -> None:
    store = RedisStore(settings.store_options())
    engine: Engine = AioEngine(settings.listen, FeatureService(store, settings.clock, settings.limits))
    source = FileSource(settings.registry) if settings.registry else RedisSource(store)
    watch = RegistryWatch(source, engine.use)
    try:
        if settings.registry:
            await watch.load()
        await _reach(store, settings.wait_for_redis)
        await watch.refresh()
        port = await engine.start()
        address = HostPort(settings.listen.host, port)
        if not is_loopback(address):
            _log.warning("%s is open to other machines, without TLS and without authentication", address)
        print(f"listening {address}", flush=True)
        await _keep_fresh(engine, store, watch)
    finally:
        await engine.stop(settings.grace)
        await store.close()


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


async def _keep_fresh(engine: Engine, store: RedisStore, watch: RegistryWatch) -> None:
    """Every second: is Redis there, is there a new registry?"""
    reached = True
    while True:
        await asyncio.sleep(REFRESH_S)
        try:
            await store.ping()
        except StoreError as error:
            if reached:
                _log.error("Redis at %s can't be read: %s", store.options, error)
            reached = False
        else:
            if not reached:
                _log.info("Redis at %s can be read again", store.options)
            reached = True
            await watch.refresh()
        await engine.report(ready=reached)
