"""The proxy gives every byte a delay, and changes none."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pytest
import redis
from featuremill_local.ports import Ports
from featuremill_local.processes import Processes
from featuremill_local.redis_server import RedisServer

from benchmarks.sinks import cluster
from benchmarks.sinks.measure import ping_ms

DELAY_MS = 5


@pytest.fixture
def through(
    processes: Processes, ports: Ports, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> redis.Redis:
    monkeypatch.setattr(cluster, "DELAY_MS", DELAY_MS)
    _, port = cluster.start_proxy(SimpleNamespace(processes=processes, ports=ports), redis_server.port)
    return redis.Redis(host="127.0.0.1", port=port)


def test_a_round_trip_takes_the_delay_twice(through: redis.Redis, redis_server: RedisServer) -> None:
    assert ping_ms(redis_server.client()) < DELAY_MS
    assert 2 * DELAY_MS <= ping_ms(through) < 4 * DELAY_MS


def test_what_comes_out_is_what_went_in(through: redis.Redis) -> None:
    sent = random.Random(5).randbytes(50_000_000)  # more than it holds at a time
    through.set("large", sent)
    assert through.get("large") == sent


def test_many_commands_at_a_time_pay_the_delay_once(through: redis.Redis) -> None:
    pipeline = through.pipeline(transaction=False)
    for number in range(10_000):
        pipeline.set(f"key{number}", number)
    assert all(pipeline.execute())
    assert through.dbsize() == 10_000
