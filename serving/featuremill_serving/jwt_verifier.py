"""JSON Web Tokens, by the keys of a JWKS file or URL."""

import json
import logging
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import jwt

from featuremill_serving.errors import UsageError

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
_REFRESH_S = 300.0
_TIMEOUT_S = 5.0
_LARGEST_BYTES = 1_000_000
_MOST_KEPT = 10_000
_log = logging.getLogger(__name__)


class JwtVerifier:
    """Verifies tokens: signature, expiry, issuer and audience. A token that was good is good until it expires, or until
    the keys change: it isn't verified again for each call.
    """

    def __init__(self, source: str, issuer: str | None, audience: str | None) -> None:
        """`source` is an https URL or a path."""
        self._source = source
        self._issuer = issuer
        self._audience = audience
        self._keys: dict[str | None, Any] = {}
        self._raw = b""
        self._good: dict[str, tuple[str, float]] = {}
        self._next_s = 0.0
        self._loading = threading.Lock()

    def load(self) -> None:
        """Reads the keys now.

        Raises:
            UsageError: they can't be had, or aren't a JWKS.
        """
        mend = "give --jwks a file or an https URL with a JSON Web Key Set"
        try:
            raw = self._read()
            if raw == self._raw:
                return
            keys = jwt.PyJWKSet.from_dict(json.loads(raw)).keys
        except (OSError, ValueError, jwt.PyJWTError) as error:
            raise UsageError(f"{self._source}: {error}", mend) from None
        self._keys = {key.key_id: key.key for key in keys}
        self._raw = raw
        self._good = {}
        _log.info("%d keys from %s", len(keys), self._source)

    def refresh(self) -> None:
        """Reads the keys every five minutes; what fails is logged, and the last keys stay. Blocks: for a thread."""
        if time.monotonic() < self._next_s or not self._loading.acquire(blocking=False):
            return
        try:
            self._next_s = time.monotonic() + _REFRESH_S
            self.load()
        except UsageError as error:
            _log.error("the last keys stay: %s", error.message)
        finally:
            self._loading.release()

    def subject(self, token: str) -> str | None:
        known = self._good.get(token)
        if known is not None:
            if time.time() < known[1]:
                return known[0]
            del self._good[token]
        try:
            key = self._keys.get(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                return None
            claims = jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                issuer=self._issuer,
                audience=self._audience,
                options={"require": ["exp", "sub"], "verify_aud": self._audience is not None},
            )
        except (jwt.PyJWTError, TypeError, ValueError):
            return None
        if len(self._good) >= _MOST_KEPT:
            self._good.clear()
        subject: str = claims["sub"]
        self._good[token] = (subject, float(claims["exp"]))
        return subject

    def _read(self) -> bytes:
        if self._source.startswith("https://"):
            with urllib.request.urlopen(self._source, timeout=_TIMEOUT_S) as response:
                raw: bytes = response.read(_LARGEST_BYTES)
                return raw
        return Path(self._source).read_bytes()
