"""Targets that read files: the registry, the callers, the keys of tokens; and tokens."""

import asyncio
import datetime
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from featuremill_serving.access import Credentials, parse_callers
from featuremill_serving.call import Call
from featuremill_serving.errors import RegistryError, UsageError
from featuremill_serving.jwt_verifier import JwtVerifier
from featuremill_serving.layout import Read
from featuremill_serving.metrics import Metrics
from featuremill_serving.registry import parse_registry
from featuremill_serving.requests import CallFailed, Limits
from featuremill_serving.service import FeatureService
from featuremill_serving.v1 import serving_pb2 as wire
from fuzz_input import VALUES, changed, changed_document, nested
from serving_harness import FIXTURES, NOW_MS

REGISTRY = (FIXTURES / "registry.json").read_bytes()


class Registries:
    """registry.json, changed; one that is taken is answered from."""

    def __call__(self, chance: random.Random) -> str:
        if chance.random() < 0.6:
            document = json.loads(REGISTRY)
            for _ in range(chance.choice((1, 1, 3))):
                document = changed_document(chance, document, VALUES)
            raw = json.dumps(document).encode()
        else:
            strewn = [
                b"[",
                b"{",
                b'"',
                b"\\u",
                b"\xff",
                b"1e999",
                b"-",
                b"NaN",
                b"9" * 5000,
                nested(chance, b"["),
                nested(chance, b'{"a":'),
            ]
            raw = changed(chance, REGISTRY, strewn)
        try:
            registry = parse_registry(raw, "registry.json")
        except RegistryError as error:
            _is_short(error.message)
            return "refused"
        service = FeatureService(_Store(chance), lambda: NOW_MS, Limits(), Metrics())  # type: ignore[arg-type]
        service.use(registry)
        asyncio.run(self._ask(service))
        return "taken"

    @staticmethod
    async def _ask(service: FeatureService) -> None:
        listed = await service.list_features(wire.ListFeaturesRequest(), Call())
        listed.SerializeToString()
        for name in listed.feature_sets:
            (await service.get_feature_set(wire.GetFeatureSetRequest(feature_set=name), Call())).SerializeToString()
        for entity in {feature.entity for feature in listed.features}:
            names = [feature.name for feature in listed.features if feature.entity == entity][:1000]
            one = wire.GetFeaturesRequest(entity_name=f"{entity}:1", feature_names=names, with_event_times=True)
            (await service.get_features(one, Call())).SerializeToString()
            many = wire.BatchGetFeaturesRequest(entity_names=[f"{entity}:1"], feature_names=names, value_format=2)
            (await service.batch_get_features(many, Call())).SerializeToString()


class _Store:
    """Holds anything."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    async def read(self, read: Read, keys: Sequence[bytes], time_left_s: float | None = None) -> list[Any]:
        held = [None, b"", b"17", b"1.5", b"true", b"\xff", b"%d-7" % NOW_MS, b"0-0", b"9" * 30, b"[" * 5000]
        return [[self._chance.choice(held) for _ in read.fields] for _ in keys]


class CallersFiles:
    """The file of callers, changed; one that is taken is asked."""

    FILE = (
        b'[callers.a]\ntoken_sha256 = ["'
        + b"0" * 64
        + b'"]\nentities = ["airport"]\nfeatures = ["dep*_1h", "[a-c]?"]\n'
        b'[callers.b]\nsubject = "b@models"\n[callers.c]\ncertificate = "c"\nfeatures = []\n'
    )

    def __call__(self, chance: random.Random) -> str:
        strewn = [
            *(b"[", b"]", b'"', b"'''", b"=", b"*", b"?", b"[!", b"[]-a]", b"(", b"\\", b"{", b"\xff", b"\n", b"1e999"),
            b"x=" + nested(chance, b"["),
            nested(chance, b"["),
            b"*" * 50,
            b"d = 1979-05-27\n",
        ]
        try:
            callers = parse_callers(changed(chance, self.FILE, strewn), "callers.toml")
        except UsageError as error:
            _is_short(error.message)
            return "refused"
        for name in "abc":
            try:
                callers.identify(Credentials(certificate=name)).check("airport", ("departures_1h", "x" * 200))
            except CallFailed as failed:
                _is_short(failed.message)
        return "taken"


class Tokens:
    """JSON Web Tokens, changed: one that says something else than the good one isn't good."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        self.jwks = folder / "jwks.json"
        self.keys = {"keys": [json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())) | {"kid": "k"}]}
        self.jwks.write_text(json.dumps(self.keys), encoding="utf-8")
        claims = {"sub": "model", "aud": "features", "exp": seconds_from_now(86_400)}
        self.good = jwt.encode(claims, key, algorithm="ES256", headers={"kid": "k"})
        self._verifier = JwtVerifier(str(self.jwks), None, "features")
        self._verifier.load()

    def changed(self, chance: random.Random) -> bytes:
        strewn = [
            *(b".", b"=", b"-", b"_", b"\0", "é".encode(), b"", b" ", b","),
            *(jwt.utils.base64url_encode(part) for part in (b"[]", b"{}", b'{"alg":"none"}', b"[" * 2000, b"1e999")),
            jwt.utils.base64url_encode(b'{"alg":"HS256","kid":"k"}'),
            jwt.utils.base64url_encode(b'{"alg":"ES256","kid":["k"]}'),
            jwt.utils.base64url_encode(b'{"alg":"ES256","kid":"k","crit":["x"],"b64":false}'),
        ]
        if chance.random() < 0.3:
            return b".".join(chance.choice(strewn) for _ in range(3))
        return changed(chance, self.good.encode(), strewn)

    def __call__(self, chance: random.Random) -> str:
        token = self.changed(chance).decode("latin-1")
        subject = self._verifier.subject(token)
        if subject is None:
            return "refused"
        # base64 has some bits to spare, but what is signed is the same
        assert subject == "model"
        assert token.split(".")[:2] == self.good.split(".")[:2]
        return "good"


class KeySets:
    """A JWKS, changed."""

    def __init__(self, tokens: Tokens, folder: Path) -> None:
        self._tokens = tokens
        self._path = folder / "changed.json"

    def __call__(self, chance: random.Random) -> str:
        if chance.random() < 0.7:
            document = changed_document(chance, self._tokens.keys, [*VALUES, "AAAA", "RSA", "OKP", "oct", "P-384"])
            raw = json.dumps(document).encode()
        else:
            strewn = [b"[", b"{", b'"', b"\xff", b"", nested(chance, b"[")]
            raw = changed(chance, json.dumps(self._tokens.keys).encode(), strewn)
        self._path.write_bytes(raw)
        verifier = JwtVerifier(str(self._path), None, "features")
        try:
            verifier.load()
        except UsageError:
            return "refused"
        return "taken, the token good" if verifier.subject(self._tokens.good) else "taken, the token refused"


def seconds_from_now(seconds: float) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)


def _is_short(message: str) -> None:
    assert 0 < len(message) < 1000, message[:1000]
