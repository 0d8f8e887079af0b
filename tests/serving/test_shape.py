"""Where the servers are, as they tell it; what can't be is refused."""

import asyncio
from typing import Any

import pytest
from featuremill_serving.addresses import HostPort
from featuremill_serving.errors import StoreUnavailable
from featuremill_serving.store.options import Mode, StoreOptions
from featuremill_serving.store.shape import SLOTS, Shape, Shard, finder

OPTIONS = StoreOptions((HostPort("127.0.0.1", 7000),), mode=Mode.CLUSTER)


def find(told: Any) -> Shape:
    async def ask(address: object, command: bytes) -> Any:
        return told

    return asyncio.run(finder(OPTIONS).find(ask))


def test_a_cluster() -> None:
    nodes = [[b"10.0.0.1", 7001, b"id"], [b"", 7002, b"id"]]
    shape = find([[0, 8191, *nodes], [8192, 16383, [b"10.0.0.3", 7003, b"id"]]])
    assert shape.shards == (
        Shard(HostPort("10.0.0.1", 7001), (HostPort("127.0.0.1", 7002),)),
        Shard(HostPort("10.0.0.3", 7003)),
    )
    assert shape.of_slot == (0,) * 8192 + (1,) * 8192


@pytest.mark.parametrize(
    "told",
    [
        [],
        7,
        [[0, 10**12, [b"10.0.0.1", 7001]]],
        [[5, 4, [b"10.0.0.1", 7001]]],
        [[-1, SLOTS - 1, [b"10.0.0.1", 7001]]],
        [[0, 1, [b"\xff", 7001]]],
        [[0, 1]],
        [[b"0", b"1", [b"10.0.0.1", 7001]]],
    ],
    ids=str,
)
def test_what_is_no_cluster(told: Any) -> None:
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:7000"):
        find(told)
