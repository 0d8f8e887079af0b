"""Tells for each call who it is from; knows new callers and keys when their files change."""

import asyncio
import logging
from pathlib import Path
from typing import Any

from featuremill_serving.access import Caller, Callers, Credentials, bearer_token, load_callers
from featuremill_serving.errors import UsageError
from featuremill_serving.jwt_verifier import JwtVerifier

_log = logging.getLogger(__name__)


class Guard:
    """Knows the callers of a file. What is broken in it later is refused, and the last callers stay."""

    def __init__(self, path: Path, verifier: JwtVerifier | None) -> None:
        """Raises UsageError where the file or the keys can't be read."""
        self._path = path
        self._verifier = verifier
        if verifier is not None:
            verifier.load()
        self._raw = self._read()
        self._callers: Callers = load_callers(path, verifier)
        self._complaint = ""

    def admit(self, context: Any) -> Caller:
        """Who calls, by a gRPC context's metadata and certificate; raises CallFailed."""
        names = context.auth_context().get("x509_common_name")
        certificate = names[0].decode("utf-8", "replace") if names else None
        return self.identify(Credentials(bearer_token(context.invocation_metadata() or ()), certificate))

    def identify(self, shown: Credentials) -> Caller:
        """Who shows that; raises CallFailed."""
        return self._callers.identify(shown)

    async def refresh(self) -> None:
        """Looks at the file and the keys; raises nothing."""
        if self._verifier is not None:
            await asyncio.to_thread(self._verifier.refresh)
        raw = self._read()
        if raw == self._raw:
            return
        try:
            self._callers = load_callers(self._path, self._verifier)
        except UsageError as error:
            if error.message != self._complaint:
                self._complaint = error.message
                _log.error("callers refused, the last ones stay: %s", error.message)
            return
        self._raw, self._complaint = raw, ""
        _log.info("new callers from %s", self._path)

    def _read(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except OSError:
            return None
