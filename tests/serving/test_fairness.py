"""An enormous batch is answered in parts, between which the event loop turns: other calls don't wait for all of it."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from featuremill_serving.call import Call
from featuremill_serving.layout import Read
from featuremill_serving.metrics import Metrics
from featuremill_serving.registry import parse_registry
from featuremill_serving.requests import Limits
from featuremill_serving.service import FeatureService
from featuremill_serving.v1 import serving_pb2 as wire
from serving_harness import FIXTURES, NOW_MS

ENTITIES, FEATURES = 5000, 50


class Store:
    """Has every value, in no time."""

    def __init__(self) -> None:
        self.largest = 0

    async def read(self, read: Read, keys: Sequence[bytes], time_left_s: float | None = None) -> list[Any]:
        self.largest = max(self.largest, len(keys) * len(read.fields))
        return [[b"17"] * len(read.features) + [b"%d-1" % NOW_MS] * len(read.pipelines)] * len(keys)


def test_other_calls_have_their_turn_during_an_enormous_batch() -> None:
    names = ["departures_1h"] * FEATURES
    request = wire.BatchGetFeaturesRequest(
        entity_names=[f"airport:{number}" for number in range(ENTITIES)], feature_names=names
    )
    store = Store()
    service = FeatureService(store, lambda: NOW_MS, Limits(), Metrics())  # type: ignore[arg-type]
    service.use(parse_registry((FIXTURES / "registry.json").read_bytes(), "fixture"))

    async def test() -> tuple[float, list[float]]:
        started_s = time.process_time()
        batch = asyncio.create_task(service.batch_get_features(request, Call()))
        waits_s = []
        while not batch.done():
            before_s = time.process_time()
            await asyncio.sleep(0)
            waits_s.append(time.process_time() - before_s)
        assert len(batch.result().values) == ENTITIES * FEATURES
        return time.process_time() - started_s, waits_s

    whole_s, waits_s = asyncio.run(test())
    assert store.largest <= 10_000
    assert len(waits_s) >= ENTITIES * FEATURES // 10_000
    # in CPU time, so that a busy machine makes no difference: the longest is the answer's being put together
    assert max(waits_s) < 0.6 * whole_s
