"""Forks, and an event loop's calls."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap

import pytest
from client_registry import PIPELINE
from fake_service import FakeService
from featuremill_client import AsyncClient, Limits
from serving_harness import NOW_MS, SERVING

FORKED = """
import os, sys
from featuremill_client import Client, FeaturemillError

client = Client(sys.argv[1], timeout=20)
if sys.argv[2] == "used":
    client.get("airport:FORK", ["remark"])
child = os.fork()
if child == 0:
    try:
        print(client.get("airport:FORK", ["remark"])["remark"], flush=True)
    except FeaturemillError as error:
        print(error, flush=True)
    client.close()
    os._exit(0)
os.waitpid(child, 0)
print(client.get("airport:FORK", ["remark"])["remark"])
"""


@pytest.mark.parametrize(
    ("used", "said"),
    [("fresh", "there"), ("used", "this client was used before the process forked")],
)
def test_a_fork(service, shared_redis, used, said):
    shared_redis.write("airport:FORK", {"remark": "there"}, {PIPELINE: NOW_MS})
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FORKED), service.address, used],
        env={"PYTHONPATH": str(SERVING / "client")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    child, parent = done.stdout.splitlines()
    assert said in child
    assert parent == "there", "a child that ends leaves its parent's connection alone"


def test_many_calls_of_one_loop(service, shared_redis):
    for number in range(64):
        shared_redis.write(f"airport:L{number}", {"departures_1h": str(number)}, {PIPELINE: NOW_MS})

    async def ask() -> list[object]:
        async with AsyncClient(service.address, timeout=20) as client:
            asked = [client.get(f"airport:L{number}", ["departures_1h"]) for number in range(64)]
            return [found["departures_1h"] for found in await asyncio.gather(*asked)]

    assert asyncio.run(ask()) == list(range(64))


def test_a_task_that_is_cancelled_ends_its_calls():
    async def cancel(fake: FakeService) -> None:
        async with AsyncClient(fake.address, parallel_calls=2, limits=Limits(entities=1)) as client:
            task = asyncio.create_task(client.frame([f"airport:{n}" for n in range(100)], ["remark"]))
            while fake.calls["BatchGetFeatures"] == 0:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    with FakeService(slow_s=30.0) as fake:
        asyncio.run(asyncio.wait_for(cancel(fake), 20))
        assert fake.calls["BatchGetFeatures"] <= 2
