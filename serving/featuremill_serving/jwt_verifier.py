"""JSON Web Tokens, by the keys of a JWKS file or URL."""

import json
import time
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any

import jwt

from featuremill_serving.errors import UsageError

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
_REFRESH_S = 300.0
_RETRY_S = 30.0
_SOONEST_S = 5.0
_TIMEOUT_S = 5.0
_LARGEST_BYTES = 1_000_000
_MOST_KEPT = 10_000


class JwtVerifier:
    """Verifies tokens: signature, expiry, issuer and audience. A token that was good is good until it expires, or until
    the keys change: it isn't verified again for each call.
    """

    def __init__(self, source: str, issuer: str | None, audience: str | None) -> None:
        """`source` is an https URL or a path. `load` comes before anything else."""
        self._source = source
        self._issuer = issuer
        self._audience = audience
        self._keys: _Keys | None = None
        self._loaded_s = 0.0
        self._next_s = 0.0
        self._missed = False

    def due(self) -> bool:
        """Whether the keys should be read anew: five minutes after the last time, half a minute after a failure; or
        because of a token that names a key that isn't known, though not more often than every five seconds.
        """
        now_s = time.monotonic()
        return now_s >= self._next_s or (self._missed and now_s >= self._loaded_s + _SOONEST_S)

    def load(self) -> int | None:
        """Reads the keys now: how many there are, None if they are the same as before. Blocks, up to some seconds;
        while it does, `subject` goes on by the last ones.

        Raises:
            UsageError: they can't be had, or aren't a JWKS. The last ones stay.
        """
        self._missed = False
        self._loaded_s = time.monotonic()
        self._next_s = self._loaded_s + _RETRY_S
        mend = "give --jwks a file or an https URL with a JSON Web Key Set"
        try:
            raw = _fetch(self._source) if self._source.startswith("https://") else Path(self._source).read_bytes()
        except (OSError, HTTPException, ValueError) as error:
            raise UsageError(f"{self._source}: {error}", mend) from None
        if self._keys is None or raw != self._keys.raw:
            try:
                keys = _Keys(raw)
            except Exception as error:  # whatever a strange document makes of PyJWT: it has no word of its own for it
                raise UsageError(f"{self._source}: not a JSON Web Key Set: {error}", mend) from None
            self._keys = keys
            count: int | None = len(keys.by_id)
        else:
            count = None
        self._next_s = self._loaded_s + _REFRESH_S
        return count

    def subject(self, token: str) -> str | None:
        keys = self._keys  # another thread may put others there meanwhile
        assert keys is not None
        known = keys.good.get(token)
        if known is not None:
            if time.time() < known[1]:
                return known[0]
            del keys.good[token]
        try:
            key = keys.by_id.get(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                self._missed = True
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
        if len(keys.good) >= _MOST_KEPT:
            keys.good.clear()
        subject: str = claims["sub"]
        keys.good[token] = (subject, float(claims["exp"]))
        return subject


class _Keys:
    """A key set: its bytes, the keys by their ids, and the tokens that they have shown to be good, with subject and
    expiry. Those end with it.
    """

    __slots__ = ("by_id", "good", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.by_id: dict[str | None, Any] = {
            key.key_id: key.key for key in jwt.PyJWKSet.from_dict(json.loads(raw)).keys
        }
        self.good: dict[str, tuple[str, float]] = {}


class _StaySecure(urllib.request.HTTPRedirectHandler):
    """Follows no redirect to where the keys would come unprotected."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if not newurl.startswith("https://"):
            raise urllib.error.URLError("it redirects to something that is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _fetch(url: str) -> bytes:
    """What an https URL gives; raises OSError, HTTPException or ValueError."""
    deadline_s = time.monotonic() + _TIMEOUT_S
    found = bytearray()
    # an opener for each time reads the authorities for each time
    with urllib.request.build_opener(_StaySecure).open(url, timeout=_TIMEOUT_S) as response:
        while part := response.read1(65536):
            found += part
            if len(found) > _LARGEST_BYTES:
                raise ValueError(f"more than {_LARGEST_BYTES} bytes")
            if time.monotonic() > deadline_s:
                raise TimeoutError(f"not all of it came within {_TIMEOUT_S:g} s")
    return bytes(found)
