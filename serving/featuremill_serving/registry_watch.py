"""Keeps an engine's registry fresh, from a file or from Redis."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from featuremill_serving.errors import NotAnEntity, RegistryError, StoreError
from featuremill_serving.layout import REGISTRY_KEY
from featuremill_serving.logs import Complaint
from featuremill_serving.registry import Registry, parse_registry
from featuremill_serving.store import RedisStore

_log = logging.getLogger(__name__)


class RegistrySource(Protocol):
    """Where registry.json is. `origin` names the place in messages."""

    origin: str

    async def read(self) -> bytes | None:
        """Its bytes; None where there is none yet.

        Raises:
            RegistryError: there is something that can't be read.
            StoreError: Redis can't be read now.
        """


class FileSource:
    """A file: a person named it, so it must be there."""

    def __init__(self, path: Path) -> None:
        self.origin = str(path)
        self._path = path

    async def read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError as error:
            raise RegistryError(
                f"{self.origin}: {error.strerror}", "give --registry a file that `nox -s registry` has written"
            ) from None


class RedisSource:
    """The Redis key. Deployment writes it before a job starts, but this service may have started first."""

    origin = f"Redis key {REGISTRY_KEY}"

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    async def read(self) -> bytes | None:
        try:
            return await self._store.get(REGISTRY_KEY)
        except NotAnEntity:
            raise RegistryError(
                f"{self.origin}: not a string", "delete the key and write it anew with `nox -s registry`"
            ) from None


class RegistryWatch:
    """Looks at the source and hands on what is new there. Whatever is wrong is logged once, and the last one stays."""

    def __init__(
        self, source: RegistrySource, use: Callable[[Registry], None], refused: Callable[[], None] = lambda: None
    ) -> None:
        """`use` gets each new registry, `refused` is called for each broken one."""
        self._source = source
        self._refused = refused
        self._use = use
        self._seen: bytes | None = None
        self._complaint = Complaint(_log)

    async def load(self) -> None:
        """Hands on the registry, if there is one and it isn't the one already seen.

        Raises:
            RegistryError: there is one, and it is broken.
            StoreError: Redis can't be read now.
        """
        raw = await self._source.read()
        if raw is None:
            state = "is gone; the last registry stays" if self._seen else "is not there yet: PRESENT and MISSING only"
            self._complaint.say(f"{self._source.origin} {state}", logging.WARNING)
            return
        if raw != self._seen:
            # a large one takes a good part of a second, in which calls go on
            registry = await asyncio.to_thread(parse_registry, raw, self._source.origin)
            self._use(registry)
            features = sum(map(len, registry.entities.values()))
            _log.info("registry of %d entities, %d features: %s", len(registry.entities), features, self._source.origin)
            self._seen = raw
        self._complaint.withdraw()

    async def refresh(self) -> None:
        """`load` that raises nothing: for the background."""
        try:
            await self.load()
        except RegistryError as error:
            if self._complaint.say(f"registry refused, the last one stays: {error.message}; {error.mend}"):
                self._refused()
        except StoreError:
            pass  # whether Redis can be read is told by who watches that
