"""Redis as it is run: one server, replicas, sentinels, a cluster, behind TLS. Each is made of real processes."""

import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from certificates import Authority
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.retry import Retry
from serving_harness import DEADLINE_S, RedisKind, RedisServer, free_port, wait_until

# of the cluster's masters
SLOTS = ((0, 5460), (5461, 10922), (10923, 16383))
PASSWORD = "pass word"


@dataclass
class Deployment:
    """What a service is told of a Redis, and a client that writes to it."""

    flags: list[str]
    client: Any
    environment: dict[str, str]
    servers: list[RedisServer]


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


@contextlib.contextmanager
def standalone(folder: Path, kind: RedisKind = RedisKind.VALKEY) -> Iterator[Deployment]:
    with RedisServer(folder, kind=kind) as server:
        yield Deployment(["--redis", server.address], server.client, {}, [server])


@contextlib.contextmanager
def unix_socket(folder: Path, kind: RedisKind = RedisKind.VALKEY) -> Iterator[Deployment]:
    with RedisServer(folder, kind=kind) as server:
        yield Deployment(["--redis", f"unix:{server.socket}"], server.client, {}, [server])


@contextlib.contextmanager
def acl(folder: Path, kind: RedisKind = RedisKind.VALKEY) -> Iterator[Deployment]:
    """A user who may do what proto/redis-layout.md says a reader needs, and nothing else, in another database."""
    with RedisServer(folder, kind=kind) as server:
        add_reader(server, "+select")
        client = redis.Redis(port=server.port, db=3, retry=Retry(NoBackoff(), 0))
        flags = ["--redis", server.address, "--redis-username", "reader", "--redis-database", "3"]
        yield Deployment(flags, client, {"FEATUREMILL_REDIS_PASSWORD": PASSWORD}, [server])


def add_reader(server: RedisServer, *commands: str) -> None:
    """A user with the commands that every reader needs, and these."""
    commands = ("+hmget", "+hgetall", "+get", "+ping", *commands)
    server.client.execute_command("ACL", "SETUSER", "reader", "on", f">{PASSWORD}", "%R~*", "-@all", *commands)


@contextlib.contextmanager
def tls(folder: Path, kind: RedisKind = RedisKind.VALKEY) -> Iterator[Deployment]:
    """A server behind something that ends TLS and wants our certificate."""
    authority = Authority(_folder(folder, "certificates"))
    with RedisServer(folder, kind=kind) as server, TlsProxy(server.port, authority) as proxy:
        ours = authority.issue("reader")
        flags = ["--redis", f"localhost:{proxy.port}", "--redis-tls", "--redis-ca", str(authority.certificate)]
        flags += ["--redis-certificate", str(ours.certificate), "--redis-key", str(ours.key)]
        yield Deployment(flags, server.client, {}, [server])


@contextlib.contextmanager
def replicas(folder: Path, kind: RedisKind = RedisKind.VALKEY) -> Iterator[Deployment]:
    """A master and its two replicas, which are read."""
    with ExitStack() as stack:
        master = stack.enter_context(RedisServer(_folder(folder, "master"), kind=kind))
        followers = [stack.enter_context(replica_of(master, _folder(folder, f"replica{n}"))) for n in range(2)]
        servers = [master, *followers]
        flags = ["--redis", ",".join(server.address for server in servers), "--redis-read-from", "replicas"]
        yield Deployment(flags, master.client, {}, servers)


@contextlib.contextmanager
def replica_of(master: RedisServer, folder: Path) -> Iterator[RedisServer]:
    with RedisServer(folder, "--replicaof", "127.0.0.1", str(master.port), kind=master.kind) as server:
        wait_until(lambda: server.client.info("replication")["master_link_status"] == "up", "the replica follows")
        yield server


@contextlib.contextmanager
def sentinels(folder: Path, kind: RedisKind = RedisKind.VALKEY) -> Iterator[Deployment]:
    """A master with one replica, and one sentinel that fails over on its own word, with a user for who only asks."""
    with ExitStack() as stack:
        master = stack.enter_context(RedisServer(_folder(folder, "master"), kind=kind))
        replica = stack.enter_context(replica_of(master, _folder(folder, "replica")))
        port = free_port()
        configuration = folder / "sentinel.conf"
        configuration.write_text(
            f"port {port}\nbind 127.0.0.1\ndir {folder}\nsentinel monitor the-master 127.0.0.1 {master.port} 1\n"
            "sentinel down-after-milliseconds the-master 300\nsentinel failover-timeout the-master 2000\n"
            "user watcher on >watch%word -@all +sentinel|get-master-addr-by-name +sentinel|replicas +ping\n",
            encoding="utf-8",
        )
        stack.enter_context(_process(folder / "sentinel.log", kind.executable, str(configuration), "--sentinel"))
        with redis.Redis(port=port, socket_timeout=DEADLINE_S, retry=Retry(NoBackoff(), 0)) as client:
            wait_until(lambda: _knows_a_replica(client), "the sentinel knows the replica")
        flags = ["--redis", f"127.0.0.1:1,127.0.0.1:{port}", "--redis-mode", "sentinel"]
        flags += ["--redis-sentinel-master", "the-master", "--redis-sentinel-username", "watcher"]
        environment = {"FEATUREMILL_REDIS_SENTINEL_PASSWORD": "watch%word"}
        yield Deployment(flags, master.client, environment, [master, replica])


def _knows_a_replica(sentinel: redis.Redis) -> bool:
    try:
        [facts] = sentinel.execute_command("SENTINEL", "REPLICAS", "the-master")
    except (redis.ConnectionError, ValueError):
        return False
    return bool(facts[b"flags"] == b"slave" and facts[b"master-link-status"] == b"ok")


@contextlib.contextmanager
def cluster(folder: Path, kind: RedisKind = RedisKind.VALKEY) -> Iterator[Deployment]:
    """Three masters, which is a majority when one is gone, and a replica of the first, with a user who may do what
    proto/redis-layout.md says a reader of a cluster needs.
    """
    with ExitStack() as stack:
        servers = [
            stack.enter_context(
                RedisServer(
                    _folder(folder, f"node{number}"),
                    *("--cluster-enabled", "yes", "--cluster-port", str(free_port())),
                    *("--cluster-node-timeout", "1000", "--cluster-config-file", "nodes.conf"),
                    kind=kind,
                )
            )
            for number in range(4)
        ]
        for server, (first, last) in zip(servers, SLOTS, strict=False):
            server.client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        for number, server in enumerate(servers):
            server.client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        bus = servers[0].client.config_get("cluster-port")["cluster-port"]
        for server in servers[1:]:
            server.client.execute_command("CLUSTER", "MEET", "127.0.0.1", servers[0].port, bus)
        wait_until(lambda: all(len(_nodes(server)) == 4 for server in servers), "all nodes know each other")
        replica = servers[3].client
        replica.execute_command("CLUSTER", "REPLICATE", _id(servers[0]))
        wait_until(lambda: replica.info("replication").get("master_link_status") == "up", "the replica follows")
        wait_until(lambda: all(_is_whole(server) for server in servers), "the cluster is whole everywhere")
        for server in servers:
            add_reader(server, "+cluster|slots", "+asking", "+readonly")
        client = RedisCluster(startup_nodes=[ClusterNode("127.0.0.1", server.port) for server in servers])
        flags = ["--redis", f"127.0.0.1:{free_port()},{servers[0].address}", "--redis-mode", "cluster"]
        flags += ["--redis-username", "reader"]
        yield Deployment(flags, client, {"FEATUREMILL_REDIS_PASSWORD": PASSWORD}, servers)
        client.close()


def _nodes(server: RedisServer) -> list[str]:
    return _text(server.client.execute_command("CLUSTER", "NODES")).splitlines()


def _id(server: RedisServer) -> str:
    return _text(server.client.execute_command("CLUSTER", "MYID"))


def _is_whole(server: RedisServer) -> bool:
    slots = server.client.execute_command("CLUSTER", "SLOTS")
    return "cluster_state:ok" in _text(server.client.execute_command("CLUSTER", "INFO")) and len(slots) == 3


def _text(told: bytes) -> str:
    return told.decode()


def begin_move(deployment: Deployment, slot: int) -> None:
    """Moves the keys of a slot from the first master to the second, which is asked for them from now on."""
    source, target = deployment.servers[0], deployment.servers[1]
    target.client.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", _id(source))
    source.client.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", _id(target))
    for key in source.client.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100):
        source.client.execute_command("MIGRATE", "127.0.0.1", target.port, key, 0, 5000)


def end_move(deployment: Deployment, slot: int) -> None:
    """Makes the slot the second master's."""
    for server in deployment.servers[1::-1]:
        server.client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", _id(deployment.servers[1]))


@contextlib.contextmanager
def _process(log: Path, *arguments: str) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(arguments, stdout=output, stderr=output)
    try:
        yield
    finally:
        process.kill()
        process.wait()


class TlsProxy:
    """Ends TLS on a free port, and wants a certificate of the same authority from who connects."""

    def __init__(self, port: int, authority: Authority) -> None:
        own = authority.issue("localhost")
        self._port = port
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.certificate)
        self._context.load_cert_chain(own.certificate, own.key)
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> "TlsProxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        """One request and its answer at a time, which is enough for a test: TLS can't be read and written at once."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port)) as server:
            secure = self._context.wrap_socket(caller, server_side=True)
            secure.settimeout(0.002)
            server.settimeout(0.002)
            with secure:
                while _pump(secure, server) and _pump(server, secure):
                    pass


def _pump(source: socket.socket, sink: socket.socket) -> bool:
    """Passes on what there is; False at the end."""
    try:
        data = source.recv(65536)
    except (TimeoutError, ssl.SSLWantReadError):
        return True
    sink.sendall(data)
    return bool(data)


DEPLOYMENTS = {each.__name__: each for each in (standalone, unix_socket, acl, tls, replicas, sentinels, cluster)}
