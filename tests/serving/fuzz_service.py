"""Targets that are a service as a process."""

import random
import re
import string
from collections.abc import Callable

import grpc
from featuremill_serving.v1 import serving_pb2 as wire
from fuzz_files import Tokens
from fuzz_input import changed, nested, varint
from fuzz_redis import TRUTH, LyingRedis, lie
from serving_harness import Service

PATH = "/featuremill.serving.v1.FeatureService/"
# what a caller's mistake or a Redis in trouble is answered with; INTERNAL would be ours
MEANT = {
    "OK",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "FAILED_PRECONDITION",
    "RESOURCE_EXHAUSTED",
    "UNAUTHENTICATED",
    "PERMISSION_DENIED",
}
# file names, addresses, modules, kinds of errors: none of a caller's business
INTERNALS = re.compile(r'Traceback|File "|featuremill_|\.py|0x[0-9a-f]{6}|Error\b|127\.0\.0\.1|hiredis|asyncio|<class')


class Requests:
    """Requests as bytes, and tokens, to a service that knows its callers; Redis is well."""

    REQUESTS = (
        (
            "GetFeatures",
            wire.GetFeaturesRequest(
                entity_name="airport:JFK", feature_names=["departures_1h", "remark"], with_event_times=True
            ),
        ),
        ("GetFeatures", wire.GetFeaturesRequest(entity_name="airport:JFK", feature_set="delay_model_v3")),
        (
            "BatchGetFeatures",
            wire.BatchGetFeaturesRequest(
                entity_names=["airport:JFK", "airport:LGA"], feature_names=["departures_1h"], value_format=2
            ),
        ),
        ("BatchGetFeatures", wire.BatchGetFeaturesRequest(entity_names=["user_item:1:2"], feature_set="clicks")),
        ("ListFeatures", wire.ListFeaturesRequest(entity="airport")),
        ("GetFeatureSet", wire.GetFeatureSetRequest(feature_set="clicks")),
    )
    ANSWERS = (
        ("GetFeatures", wire.GetFeaturesResponse),
        ("BatchGetFeatures", wire.BatchGetFeaturesResponse),
        ("ListFeatures", wire.ListFeaturesResponse),
        ("GetFeatureSet", wire.GetFeatureSetResponse),
    )

    def __init__(self, service: Service, tokens: Tokens) -> None:
        self._tokens = tokens
        self._calls = {
            name: service.channel.unary_unary(PATH + name, response_deserializer=kind.FromString)
            for name, kind in self.ANSWERS
        }

    def __call__(self, chance: random.Random) -> str:
        name, request = chance.choice(self.REQUESTS)
        raw = request.SerializeToString()
        if chance.random() < 0.9:
            raw = self._changed(chance, raw)
        token = self._tokens.good
        if chance.random() < 0.1:
            token = printable(self._tokens.changed(chance))
        metadata = [("authorization", f"Bearer {token}"), ("x-request-id", printable(chance.randbytes(8)))]
        return outcome(lambda: self._calls[name](raw, timeout=10, metadata=metadata), MEANT)

    @staticmethod
    def _changed(chance: random.Random, raw: bytes) -> bytes:
        strewn = [
            b"\xff",
            b"\xc3\x28",
            b"\xed\xa0\x80",
            varint(chance.choice((2**20, 2**31, 2**32, 2**63, 2**64 - 1))),
            b"\x0a" + varint(chance.choice((127, 2**31 - 1, 2**35))),
            nested(chance, b"\x0b"),
            nested(chance, b"\x0b", b"\x0c"),
            nested(chance, b"\x12\x7f"),
            b"\x12\x01a" * chance.choice((5, 1001, 300_000)),
            b"\x0a\x0bairport:JFK" * chance.choice((5, 5001, 100_000)),
            b"\x12" + varint(5000) + chance.choice((b"a", b"\0", b"\xf0\x9f\x9b\xab"[:4])) * 5000,
            b"\x0a" + varint(4104) + b"airport:" + b"\x01" * 4096,
            b"\x0a" + varint(4000) + "é".encode() * 2000,
            bytes(chance.choice((0, 5_000_000))),
            chance.randbytes(20),
        ]
        return changed(chance, raw, strewn)


class Answers:
    """A service whose Redis lies. After each lie the truth is told, and nothing but the truth may come of it."""

    def __init__(self, service: Service, redis: LyingRedis) -> None:
        self._service = service
        self._redis = redis

    def __call__(self, chance: random.Random) -> str:
        self._redis.answer = lie(chance, TRUTH)
        self._redis.hangs_up = chance.random() < 0.2
        # INTERNAL: an error of Redis that isn't one of those that are known
        result = outcome(self._ask, MEANT | {"UNAVAILABLE", "INTERNAL"})
        self._redis.answer = TRUTH
        self._redis.hangs_up = False
        after = outcome(self._true, {"OK", "UNAVAILABLE"})
        assert after in ("OK", "UNAVAILABLE")
        return result

    def _ask(self) -> wire.GetFeaturesResponse:
        return self._service.get("echo:1", ["a", "b"])

    def _true(self) -> None:
        found = self._ask()
        assert list(found.values) == ["17", ""], found


def printable(raw: bytes) -> str:
    """What may stand in a header."""
    return "".join(char for char in raw.decode("latin-1") if char in string.printable and char >= " ").strip()


def outcome(call: Callable[[], object], meant: set[str]) -> str:
    """The code with which a call ended, which is meant; what it says is for the caller alone."""
    try:
        call()
    except grpc.RpcError as error:
        code, message = error.code().name, error.details() or ""
        assert code in meant, f"{code}: {message}"
        assert message
        assert not INTERNALS.search(message), message
        assert len(message) < 1000
        return str(code)
    return "OK"
