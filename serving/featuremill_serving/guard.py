"""Tells for each call who it is from; knows new callers and keys when their files change."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featuremill_serving.access import Caller, Callers, Credentials, bearer_token, parse_callers, read_callers
from featuremill_serving.errors import UsageError
from featuremill_serving.logs import Complaint

if TYPE_CHECKING:  # it brings PyJWT and cryptography, which few need
    from featuremill_serving.jwt_verifier import JwtVerifier

_log = logging.getLogger(__name__)


class Guard:
    """Knows the callers of a file. What is broken later, in the file or its keys, is refused, and the last stay."""

    def __init__(self, path: Path, verifier: "JwtVerifier | None", refused: Callable[[], None] = lambda: None) -> None:
        """`refused` is called for each broken file, and whenever keys can't be had.

        Raises:
            UsageError: the file or the keys can't be read.
        """
        self._path = path
        self._verifier = verifier
        self._refused = refused
        if verifier is not None:
            verifier.load()
        self._seen = read_callers(path)
        self._callers: Callers = parse_callers(self._seen, str(path), verifier)
        self._complaint, self._complaint_of_keys = Complaint(_log), Complaint(_log)

    def admit(self, context: Any) -> Caller:
        """Who calls, by a gRPC context's metadata and certificate; raises CallFailed."""
        names = context.auth_context().get("x509_common_name")
        certificate = names[0].decode("utf-8", "replace") if names else None
        return self.identify(Credentials(bearer_token(context.invocation_metadata() or ()), certificate))

    def identify(self, shown: Credentials) -> Caller:
        """Who shows that; raises CallFailed."""
        return self._callers.identify(shown)

    async def refresh(self) -> None:
        """Looks at the file and, where it is time, at the keys; raises nothing."""
        self._refresh_callers()
        if self._verifier is not None and self._verifier.due():
            await self._refresh_keys(self._verifier)

    def _refresh_callers(self) -> None:
        try:
            raw = read_callers(self._path)
            if raw != self._seen:
                self._callers = parse_callers(raw, str(self._path), self._verifier)
                self._seen = raw
                _log.info("new callers from %s", self._path)
        except UsageError as error:
            if self._complaint.say(f"callers refused, the last ones stay: {error.message}"):
                self._refused()
        else:
            self._complaint.withdraw()

    async def _refresh_keys(self, verifier: "JwtVerifier") -> None:
        try:
            count = await asyncio.to_thread(verifier.load)
        except UsageError as error:
            self._refused()
            self._complaint_of_keys.say(f"the last keys of tokens stay: {error.message}")
        else:
            self._complaint_of_keys.withdraw()
            if count is not None:
                _log.info("%d new keys of tokens", count)
