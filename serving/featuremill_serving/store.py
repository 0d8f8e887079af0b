"""Redis, as far as reading needs it: one command for each call, no names of fields, no gRPC."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis.asyncio
from redis import exceptions
from redis.asyncio.connection import BlockingConnectionPool, Connection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from featuremill_serving.addresses import HostPort, UnixSocket
from featuremill_serving.errors import NotAnEntity, StoreError, StoreRefused, StoreUnavailable

_CONNECTIONS = 64
_TIMEOUT_S = 1.0


class RedisStore:
    """Reads from one Redis over a bounded pool of connections.

    A free connection, a new connection and an answer are waited for one second each. A connection that is found broken
    is made anew once, so a restarted Redis costs its callers nothing.

    Every method raises:
        StoreUnavailable: Redis can't be reached, doesn't answer, or isn't ready to.
        StoreRefused: the password is wrong or missing.
        NotAnEntity: the key holds another type than the command is for.
        StoreError: any other refusal.
    """

    def __init__(self, address: HostPort | UnixSocket, password: str | None = None) -> None:
        place: dict[str, Any] = (
            {"connection_class": UnixDomainSocketConnection, "path": address.path}
            if isinstance(address, UnixSocket)
            else {"connection_class": Connection, "host": address.host, "port": address.port}
        )
        self.address = address
        self._client = redis.asyncio.Redis(
            connection_pool=BlockingConnectionPool(
                max_connections=_CONNECTIONS,
                timeout=_TIMEOUT_S,
                password=password,
                protocol=2,
                driver_info=None,
                socket_timeout=_TIMEOUT_S,
                socket_connect_timeout=_TIMEOUT_S,
                retry=Retry(NoBackoff(), 1, supported_errors=(exceptions.ConnectionError,)),
                **place,
            )
        )
        self._command: Callable[..., Awaitable[Any]] = self._client.execute_command

    async def hmget(self, key: str, fields: Sequence[str]) -> list[bytes | None]:
        """The values of a hash's fields, aligned with them; None where there is none."""
        with _translated():
            reply: list[bytes | None] = await self._command("HMGET", key, *fields)
        return reply

    async def get(self, key: str) -> bytes | None:
        """A string's bytes, None if there is no such key."""
        with _translated():
            reply: bytes | None = await self._command("GET", key)
        return reply

    async def ping(self) -> None:
        """Returns when Redis has answered."""
        with _translated():
            await self._command("PING")

    async def close(self) -> None:
        await self._client.aclose()
        await self._client.connection_pool.disconnect()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except exceptions.AuthenticationError as error:
        raise StoreRefused(str(error)) from error
    except (exceptions.ConnectionError, exceptions.TimeoutError, exceptions.ClusterDownError, OSError) as error:
        raise StoreUnavailable(str(error)) from error
    except exceptions.ResponseError as error:
        if str(error).startswith("WRONGTYPE"):
            raise NotAnEntity(str(error)) from error
        raise StoreError(str(error)) from error
    except exceptions.RedisError as error:
        raise StoreError(str(error)) from error
