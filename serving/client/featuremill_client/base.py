"""What the client and the asyncio client have in common: their settings, and a connection that knows its process."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from featuremill_client import methods
from featuremill_client.connection import Connection, Retries, Tls, Token
from featuremill_client.errors import FeaturemillError
from featuremill_client.features import Features
from featuremill_client.frame import Frame
from featuremill_client.frame_steps import Limits, frame
from featuremill_client.get_steps import get
from featuremill_client.registry import Types
from featuremill_client.steps import Steps


class ClientBase:
    """Settings, and the connection, which the first call opens."""

    def __init__(
        self,
        target: str,
        *,
        tls: bool | Tls = False,
        token: Token | None = None,
        token_in_clear_text: bool = False,
        timeout: float | None = 0.5,
        frame_timeout: float | None = 30.0,
        retries: int | Retries = Retries(),  # noqa: B008, it is frozen
        parallel_calls: int = 2,
        limits: Limits = Limits(),  # noqa: B008, it is frozen
        registry_max_age: float = 300.0,
    ) -> None:
        """Checks the settings; nothing is sent yet.

        Args:
            target: the service's address, `features.internal:50051`; what gRPC takes as a target will do.
            tls: True, or a `Tls` with files; absent: without.
            token: who calls: the token, a Path to a file that has it (read for each call), or a function that gives it.
            token_in_clear_text: lets a token travel without TLS: for networks that encrypt what passes.
            timeout: seconds for a call, retries and a look at the registry included; None: for ever.
            frame_timeout: the same for a whole frame.
            retries: when a call is tried again; an int is a number of attempts, 1: never again.
            parallel_calls: how many calls of one frame are under way at the same time.
            limits: what one call of a frame may ask for, where the service was told other limits than its own.
            registry_max_age: seconds after which the features' types are asked for again.
        """
        retries = Retries(attempts=retries) if isinstance(retries, int) else retries
        self._connection = Connection(target, tls, token, token_in_clear_text, retries)
        self._timeout = timeout
        self._frame_timeout = frame_timeout
        self._parallel_calls = max(1, parallel_calls)
        self._limits = limits
        self._types = Types(registry_max_age)
        self._lock = threading.Lock()
        self._open: tuple[int, Any, Mapping[str, Any]] | None = None
        self._closed = False

    def _get_steps(
        self, entity: str, features: Iterable[str] | None, feature_set: str | None, event_times: bool
    ) -> Steps[Features]:
        return get(self._types, entity, features, feature_set, event_times)

    def _frame_steps(
        self, entities: Iterable[str], features: Iterable[str] | None, feature_set: str | None, event_times: bool
    ) -> Steps[Frame]:
        return frame(self._types, self._limits, entities, features, feature_set, event_times)

    def _calls(self, grpc_module: Any) -> Mapping[str, Any]:
        """The service's methods by name, on this process' connection by `grpc` or `grpc.aio`."""
        found = self._open
        if found is None:
            with self._lock:
                if self._closed:
                    raise FeaturemillError("this client is closed")
                if self._open is None:
                    channel = self._channel(grpc_module)
                    self._open = (os.getpid(), channel, methods.of(channel))
                found = self._open
        if found[0] != os.getpid():
            raise FeaturemillError(
                "this client was used before the process forked, which gRPC doesn't survive: make the client in the "
                "child, or don't use it before the fork"
            )
        return found[2]

    def _channel(self, grpc_module: Any) -> Any:
        credentials, options = self._connection.credentials, self._connection.options
        if credentials is None:
            return grpc_module.insecure_channel(self._connection.target, options)
        return grpc_module.secure_channel(self._connection.target, credentials, options)

    def _take_channel(self) -> Any:
        """The channel, for its end; None where there is none of this process. No other will be opened."""
        with self._lock:
            self._closed = True
            found, self._open = self._open, None
        return found[1] if found is not None and found[0] == os.getpid() else None


def new_request_id() -> str:
    """An id for the logs of both sides."""
    return uuid.uuid4().hex
