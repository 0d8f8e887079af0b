"""Input that nobody means: made out of good input, given to a part of serving, and what came of it.

Each target draws an input, gives it to its part and returns in a word how that went; whatever isn't meant to happen
raises. `test_fuzz` runs each for a moment, `nox -s fuzz-serving` as long as it is told.
"""

import asyncio
import datetime
import json
import random
import re
import socket
import string
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
import hiredis
import jwt
import psutil
from cryptography.hazmat.primitives.asymmetric import ec
from featuremill_serving.access import Credentials, parse_callers
from featuremill_serving.addresses import HostPort
from featuremill_serving.call import Call
from featuremill_serving.errors import RegistryError, StoreError, UsageError
from featuremill_serving.jwt_verifier import JwtVerifier
from featuremill_serving.layout import Read
from featuremill_serving.metrics import Metrics
from featuremill_serving.registry import parse_registry
from featuremill_serving.requests import CallFailed, Limits
from featuremill_serving.service import FeatureService
from featuremill_serving.store.connection import Connection
from featuremill_serving.store.options import Mode, StoreOptions
from featuremill_serving.store.resp import error_of
from featuremill_serving.store.shape import finder
from featuremill_serving.v1 import serving_pb2 as wire
from serving_harness import FIXTURES, NOW, NOW_MS, RedisServer, Service

REGISTRY = (FIXTURES / "registry.json").read_bytes()
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
MOST_MB = 400

# CPU seconds for one input; a machine may be busy, a hang is not
LONGEST_S = 3.0

Target = Callable[[random.Random], str]


def seconds_from_now(seconds: float) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)


# making input


def changed(chance: random.Random, data: bytes, strewn: Sequence[bytes]) -> bytes:
    """The bytes with a few changes: turned, lost, doubled, moved, cut off; or some of `strewn` in between."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        start = chance.randrange(len(made) + 1)
        end = min(len(made), start + chance.choice((1, 1, 2, 8, 64)))
        match chance.randrange(7):
            case 0:
                made[start:end] = chance.randbytes(end - start)
            case 1:
                del made[start:end]
            case 2:
                made[start:start] = made[start:end]
            case 3:
                made[start:start] = chance.choice(strewn)
            case 4:
                made[start:end] = chance.choice(strewn)
            case 5:
                del made[start:]
            case _:
                part = made[start:end]
                del made[start:end]
                place = chance.randrange(len(made) + 1)
                made[place:place] = part
    return bytes(made)


def changed_document(chance: random.Random, document: Any, strewn: Sequence[Any]) -> Any:
    """A JSON document with one of its parts, at any depth, replaced, lost or doubled."""
    if isinstance(document, dict | list) and document and chance.random() < 0.85:
        place = chance.choice(list(document) if isinstance(document, dict) else range(len(document)))
        made = document.copy()
        match chance.randrange(8):
            case 0:
                del made[place]
            case 1 if isinstance(made, dict):
                made[chance.choice(["", "x", "a" * 70, "é", "\ud800", *made])] = made[place]
            case _:
                made[place] = changed_document(chance, document[place], strewn)
        return made
    return chance.choice(strewn)


def nested(chance: random.Random, opening: bytes, closing: bytes = b"") -> bytes:
    depth = chance.choice((2, 50, 101, 1000, 100_000))
    return opening * depth + closing * depth


def varint(number: int) -> bytes:
    made = bytearray()
    while number > 127:
        made.append(number & 127 | 128)
        number >>= 7
    return bytes([*made, number])


VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    2**31,
    2**63,
    10**400,
    float("inf"),
    float("nan"),
    "",
    "x",
    "\ud800",
    "é" * 5000,
    "\0",
    [],
    {},
    [[]],
    {"": {}},
    ["a", "a"],
    "BIGINT",
    "DECIMAL(99999999999999999999)",
    "MAP<",
]


def tried(target: Target, seed: int) -> str:
    """What came of one input; raises where that isn't meant, or took long."""
    started_s = time.process_time()
    word = target(random.Random(seed))
    taken_s = time.process_time() - started_s
    assert taken_s < LONGEST_S, f"it took {taken_s:.1f} s"
    return word


# targets: a service as a process


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

    def __init__(self, service: Service, tokens: "Tokens") -> None:
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


class LyingRedis:
    """Answers PING as it should, and everything else with whatever it is told to."""

    def __init__(self) -> None:
        self.answer = b""
        self.hangs_up = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        commands = hiredis.Reader()
        with suppress(OSError), caller:
            while data := caller.recv(65536):
                commands.feed(data)
                while (command := commands.gets()) is not False:
                    if command[0] == b"PING":
                        caller.sendall(b"+PONG\r\n")
                    elif command[0] == b"GET":
                        caller.sendall(b"$-1\r\n")
                    else:
                        caller.sendall(self.answer)
                        if self.hangs_up:
                            return


class Answers:
    """A service whose Redis lies. After each lie the truth is told, and nothing but the truth may come of it."""

    TRUTH = b"*2\r\n$2\r\n17\r\n$-1\r\n"

    def __init__(self, service: Service, redis: LyingRedis) -> None:
        self._service = service
        self._redis = redis

    def __call__(self, chance: random.Random) -> str:
        self._redis.answer = lie(chance, self.TRUTH)
        self._redis.hangs_up = chance.random() < 0.2
        # INTERNAL: an error of Redis that isn't one of those that are known
        result = outcome(self._ask, MEANT | {"UNAVAILABLE", "INTERNAL"})
        self._redis.answer = self.TRUTH
        self._redis.hangs_up = False
        after = outcome(self._true, {"OK", "UNAVAILABLE"})
        assert after in ("OK", "UNAVAILABLE")
        return result

    def _ask(self) -> wire.GetFeaturesResponse:
        return self._service.get("echo:1", ["a", "b"])

    def _true(self) -> None:
        found = self._ask()
        assert list(found.values) == ["17", ""], found


def lie(chance: random.Random, truth: bytes) -> bytes:
    """An answer in Redis' protocol, or nearly."""
    strewn = [
        *(b"$-1\r\n", b"$-2\r\n", b"*-1\r\n", b"*0\r\n", b"*2\r\n", b"*1000000\r\n", b"*4294967294\r\n", b"%2\r\n"),
        *(b"$0\r\n\r\n", b"$99999999999\r\n", b"$?\r\n", b":1\r\n", b":99999999999999999999\r\n", b"+OK\r\n", b"_\r\n"),
        *(b",1.5\r\n", b"#t\r\n", b"(1\r\n", b"=7\r\ntxt:abc\r\n", b"~1\r\n", b"|1\r\n+a\r\n+b\r\n", b"\r\n", b"\0"),
        b">2\r\n+message\r\n+x\r\n",
        b"%1\r\n*0\r\n:1\r\n",
        b"-ERR \xff\xfe\r\n",
        *(b"-%b\r\n" % kind for kind in ERRORS),
        b"*1\r\n" * chance.choice((3, 9, 1000)),
        b"$%d\r\n%b\r\n" % ((size := chance.choice((1, 70_000))), chance.randbytes(size)),
        chance.randbytes(10),
        truth,
    ]
    whole = chance.random() < 0.5
    return chance.choice(strewn) if whole else changed(chance, truth, strewn)


ERRORS = (
    *(b"WRONGTYPE no hash", b"NOAUTH Authentication required.", b"LOADING", b"MASTERDOWN", b"CLUSTERDOWN", b"ERR x"),
    *(b"MOVED 1 127.0.0.1:1", b"MOVED 99999 :1", b"MOVED x y", b"ASK 1 [::1]:1", b"ASK 1 ::1:1", b"ASK 2 a\0b:99999"),
    *("MOVED ² 127.0.0.1:1".encode(), b"MOVED 1 \xff:1", b"MOVED " + b"9" * 5000 + b" a:1", b"", b" ", b"OOM " * 3000),
)


# targets: parts of it


class Replies:
    """A connection's reader and what looks at replies: each call gets an answer or an error."""

    def __call__(self, chance: random.Random) -> str:
        return asyncio.run(self._run(chance))

    async def _run(self, chance: random.Random) -> str:
        read = Read(["a", "b"], [], chance.choice((2, 300)))
        connection = Connection(1.0, 100, lambda: None)
        connection.connection_made(_Transport(connection))
        calls = [connection.call(read.command(b"echo:1")) for _ in range(2)]
        raw = b"".join(lie(chance, Answers.TRUTH) for _ in range(3))
        size = chance.choice((1, 7, 65536))
        for start in range(0, min(len(raw), 5000), size):
            if connection.open:
                connection.data_received(raw[start : start + size])
        cut = not connection.open
        connection.connection_lost(None)
        words = [await self._look_at(read, call, cut) for call in calls]
        return words[0]

    @staticmethod
    async def _look_at(read: Read, call: asyncio.Future[list[Any]], cut: bool) -> str:
        try:
            [reply] = await call
        except StoreError:
            return "cut" if cut else "unanswered"
        if isinstance(reply, hiredis.ReplyError):
            return type(error_of(reply)).__name__
        assert not isinstance(reply, hiredis.PushNotification)
        try:
            [row] = read.rows([reply])
        except ValueError:
            return "no row"
        assert all(value is None or type(value) is bytes for value in row)
        return "row"


class _Transport(asyncio.Transport):
    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def write(self, data: Any) -> None:
        pass

    def abort(self) -> None:
        pass


class Places:
    """What a cluster's nodes and sentinels tell of where the servers are."""

    CLUSTER = b"*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:7000\r\n$2\r\nid\r\n"
    SENTINELS = b"*2\r\n$9\r\n127.0.0.1\r\n$4\r\n6379\r\n"

    def __call__(self, chance: random.Random) -> str:
        mode, truth = chance.choice([(Mode.CLUSTER, self.CLUSTER), (Mode.SENTINEL, self.SENTINELS)])
        reader = hiredis.Reader()
        try:
            reader.feed(lie(chance, truth))
            told = reader.gets()
        except (hiredis.HiredisError, MemoryError, TypeError):
            return "not Redis"
        if told is False or isinstance(told, hiredis.ReplyError):
            return "nothing told"

        async def ask(address: object, command: bytes) -> Any:
            return told

        options = StoreOptions((HostPort("127.0.0.1", 1),), mode=mode, sentinel_master="m")
        try:
            asyncio.run(finder(options).find(ask))
        except StoreError:
            return "refused"
        return "found"


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


# judging


def _is_short(message: str) -> None:
    assert 0 < len(message) < 1000, message[:1000]


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


@contextmanager
def targets(folder: Path) -> Iterator[dict[str, Target]]:
    """All targets by name, with the processes that two of them need; in the end those are alive, and not large."""
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer(_made(folder / "redis")))
        redis.write("airport:JFK", {"departures_1h": "17"}, {"airport_departure_delay": NOW_MS})
        liar = LyingRedis()
        stack.callback(liar.close)
        tokens = Tokens(folder)
        callers = folder / "callers.toml"
        callers.write_text('[callers.model]\nsubject = "model"\n', encoding="utf-8")
        guarded = stack.enter_context(
            Service(
                _made(folder / "guarded"),
                *("--redis", redis.address, "--registry", str(FIXTURES / "registry.json"), "--now", NOW),
                *("--callers", str(callers), "--jwks", str(tokens.jwks), "--jwt-audience", "features"),
            )
        )
        deceived = stack.enter_context(
            Service(
                _made(folder / "deceived"),
                *("--redis", liar.address, "--redis-timeout", "0.1", "--redis-attempts", "2"),
            )
        )
        yield {
            "requests and tokens, to a service": Requests(guarded, tokens),
            "Redis' answers, to a service": Answers(deceived, liar),
            "Redis' answers, to a connection": Replies(),
            "places of servers, told by Redis": Places(),
            "registries": Registries(),
            "files of callers": CallersFiles(),
            "tokens": tokens,
            "key sets": KeySets(tokens, folder),
        }
        for service in (guarded, deceived):
            assert service.process.poll() is None, service.log[-2000:]
            assert psutil.Process(service.process.pid).memory_info().rss < MOST_MB * 2**20
            assert "Traceback" not in service.log


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
