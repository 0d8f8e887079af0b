"""Addresses on the command line."""

import socket

import pytest
from featuremill_serving.addresses import HostPort, UnixSocket, is_loopback, parse_host_port, parse_redis
from featuremill_serving.errors import UsageError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:6379", HostPort("127.0.0.1", 6379)),
        ("redis.internal:1", HostPort("redis.internal", 1)),
        ("[::1]:65535", HostPort("::1", 65535)),
        ("/run/redis.sock", UnixSocket("/run/redis.sock")),
        ("unix:/run/redis.sock", UnixSocket("/run/redis.sock")),
        ("unix:///run/redis.sock", UnixSocket("/run/redis.sock")),
    ],
)
def test_redis(text: str, address: HostPort | UnixSocket) -> None:
    assert parse_redis(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "localhost", ":6379", "localhost:", "localhost:x", "localhost:65536", "::1:6379", "localhost:0", "a b:1"],
)
def test_no_redis(text: str) -> None:
    with pytest.raises(UsageError, match="is not an address"):
        parse_redis(text)


@pytest.mark.parametrize("text", ["redis://:hunter2@localhost:6379", "rediss://localhost:1", "me:hunter2@localhost:1"])
def test_a_url_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_redis(text)
    assert "hunter2" not in caught.value.message + caught.value.mend
    assert "FEATUREMILL_REDIS_PASSWORD" in caught.value.mend


@pytest.mark.parametrize("text", ["127.0.0.1:0", "[::1]:5", "localhost:50051"])
def test_an_address_reads_back(text: str) -> None:
    assert str(parse_host_port(text)) == text


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *((host, True) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost")),
        *((host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "no.such.host.invalid", "a" * 70)),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(HostPort(host, 1)) is loopback


def test_a_name_is_loopback_only_if_all_that_it_stands_for_is(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1)),
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1%eth0", 1, 0, 2)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert not is_loopback(HostPort("both.internal", 1))
    found.pop()
    assert is_loopback(HostPort("both.internal", 1))
