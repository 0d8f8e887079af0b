"""The reader that notes when it first sees a row."""

from __future__ import annotations

import time

import pytest
from featuremill_local.redis_server import RedisServer

from benchmarks.sinks.streaming import Watch, parse_bulks


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"$-1\r\n", [b""]),
        (b"$3\r\nabc\r\n$-1\r\n$1\r\nx\r\n", [b"abc", b"", b"x"]),
        (b"$3\r\nabc\r\n$3\r\nab", [b"abc"]),
        (b"$3\r\nabc\r\n$3\r\n", [b"abc"]),
    ],
)
def test_bulk_strings_are_taken_apart(data: bytes, expected: list[bytes]) -> None:
    assert parse_bulks(data) == expected


def test_each_new_place_in_time_is_noted_once(redis_server: RedisServer) -> None:
    client = redis_server.client()
    watch = Watch(redis_server.port, ["thing:1", "thing:2"])
    watch.look()
    assert watch.latencies == [[], []]
    now = round(time.time() * 1000)
    client.hset("thing:2", "@sink_bench", f"{now - 5_000}-7")
    watch.look()
    watch.look()
    client.hset("thing:2", "@sink_bench", f"{now - 1_000}-8")
    watch.look()
    watch.close()
    first, second = watch.latencies[1]
    assert watch.latencies[0] == []
    assert 4_999 <= first < 10_000
    assert 999 <= second < 6_000
