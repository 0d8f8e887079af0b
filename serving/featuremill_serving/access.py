"""Who calls, and what they may read.

The callers' file, TOML:

    [callers.eta_model]
    token_sha256 = ["9f86d0…"]        # of bearer tokens, in hex; several while one is replaced by the next
    certificate = "eta-model"         # or: the common name of a client's certificate
    subject = "eta@models"            # or: the `sub` of a JWT
    entities = ["airport"]            # what may be read; absent: everything
    features = ["departures_*"]       # absent: everything of those entities
"""

import fnmatch
import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Protocol

import grpc
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from featuremill_serving.errors import UsageError
from featuremill_serving.kept import KeptByNames
from featuremill_serving.requests import CallFailed, shown

_MEND = "see serving/README.md for what a callers' file looks like"
_Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
# names are shorter; fnmatch takes minutes for some patterns of many thousand characters
_Pattern = Annotated[str, Field(max_length=200)]


class CallerConfig(BaseModel):
    """A caller in the file."""

    model_config = ConfigDict(extra="forbid", strict=True)
    token_sha256: list[_Hash] = []
    certificate: str | None = None
    subject: str | None = None
    entities: list[str] | None = None
    features: list[_Pattern] | None = None


class CallersFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", strict=True)
    callers: dict[str, CallerConfig]


@dataclass(slots=True)
class Caller:
    """Somebody whom we know, with rules. None of a rule: everything."""

    name: str
    entities: frozenset[str] | None = None
    features: re.Pattern[str] | None = None
    _decided: KeptByNames[str] = field(default_factory=KeptByNames, repr=False)

    def check(self, entity: str, names: tuple[str, ...]) -> None:
        """Raises CallFailed where one of the features may not be read."""
        refused = self._decided.get(entity, names)
        if refused is None:
            refused = self._decide(entity, names)
            self._decided.keep(entity, names, refused)
        if refused:
            raise CallFailed(grpc.StatusCode.PERMISSION_DENIED, refused)

    def may_see(self, entity: str) -> bool:
        """Whether the entity may be read at all."""
        return self.entities is None or entity in self.entities

    def _decide(self, entity: str, names: tuple[str, ...]) -> str:
        if not self.may_see(entity):
            return f"the caller {self.name!r} may not read the entity {entity!r}"
        if self.features is not None:
            for name in names:
                if self.features.fullmatch(name) is None:
                    return f"the caller {self.name!r} may not read the feature {shown(name)}"
        return ""


class Verifier(Protocol):
    """Tells whose a JWT is."""

    def subject(self, token: str) -> str | None:
        """The subject of a token that is good now; None of any other."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a call has with it: a bearer token, and the common name of the client's verified certificate."""

    token: str | None = None
    certificate: str | None = None


class Callers:
    """All callers of a file, by what they show."""

    def __init__(self, configs: Mapping[str, CallerConfig], verifier: Verifier | None = None) -> None:
        self._verifier = verifier
        self._by_hash: dict[str, Caller] = {}
        self._by_certificate: dict[str, Caller] = {}
        self._by_subject: dict[str, Caller] = {}
        for name, config in configs.items():
            patterns = None if config.features is None else "|".join(map(fnmatch.translate, config.features)) or r"(?!)"
            caller = Caller(
                name,
                None if config.entities is None else frozenset(config.entities),
                None if patterns is None else re.compile(patterns),
            )
            for digest in config.token_sha256:
                self._by_hash[digest] = caller
            if config.certificate is not None:
                self._by_certificate[config.certificate] = caller
            if config.subject is not None:
                self._by_subject[config.subject] = caller

    def identify(self, shown: Credentials) -> Caller:
        """Who that is; raises CallFailed where it is nobody we know."""
        if shown.token is not None:
            # a hash of a random token is looked up: how long that takes tells nothing of other tokens
            caller = self._by_hash.get(hashlib.sha256(shown.token.encode(errors="surrogateescape")).hexdigest())
            if caller is None and self._verifier is not None and shown.token.count(".") == 2:
                subject = self._verifier.subject(shown.token)
                caller = None if subject is None else self._by_subject.get(subject)
            if caller is not None:
                return caller
            raise CallFailed(grpc.StatusCode.UNAUTHENTICATED, "the token is not one that is good here")
        if shown.certificate is not None:
            caller = self._by_certificate.get(shown.certificate)
            if caller is not None:
                return caller
        raise CallFailed(
            grpc.StatusCode.UNAUTHENTICATED, "the call needs 'authorization: Bearer …', or a certificate that is known"
        )


def read_callers(path: Path) -> bytes:
    """The bytes of a callers' file; raises UsageError where it can't be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", _MEND) from None


def parse_callers(raw: bytes, origin: str, verifier: Verifier | None = None) -> Callers:
    """The callers of a file; `origin` is its name for messages.

    Raises:
        UsageError: it says something else, or two callers show the same.
    """
    try:
        found = CallersFile.model_validate(tomllib.loads(raw.decode("utf-8")))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(f"{origin}: {place}: {first['msg']}", _MEND) from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{origin}: {error}", _MEND) from None
    shown = [
        proof
        for config in found.callers.values()
        for proof in (*config.token_sha256, ("certificate", config.certificate), ("subject", config.subject))
        if not isinstance(proof, tuple) or proof[1] is not None
    ]
    if len(set(shown)) < len(shown):
        raise UsageError(f"{origin}: two callers show the same token, certificate or subject", _MEND)
    return Callers(found.callers, verifier)


def bearer_token(metadata: Sequence[tuple[str, str | bytes]]) -> str | None:
    """The token of a call's `authorization: Bearer …`; None without one."""
    for name, value in metadata:
        if name == "authorization" and isinstance(value, str) and value[:7].lower() == "bearer ":
            return value[7:].strip()
    return None
