"""Nothing that takes long keeps the event loop, and with it all other calls, from turning."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from featuremill_serving.call import Call
from featuremill_serving.layout import Read
from featuremill_serving.metrics import Metrics
from featuremill_serving.registry import Registry, parse_registry
from featuremill_serving.registry_watch import FileSource, RegistryWatch
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

    async def test() -> int:
        batch = asyncio.create_task(service.batch_get_features(request, Call()))
        turns = 0
        while not batch.done():
            turns += 1
            await asyncio.sleep(0)
        assert len(batch.result().values) == ENTITIES * FEATURES
        return turns

    assert asyncio.run(test()) >= ENTITIES * FEATURES // 10_000
    assert store.largest <= 10_000


def test_calls_go_on_while_a_large_registry_is_read(tmp_path: Path) -> None:
    document = json.loads((FIXTURES / "registry.json").read_text(encoding="utf-8"))
    features = document["entities"]["airport"]["features"]
    features |= {f"feature_{number}": features["remark"] for number in range(20_000)}
    path = tmp_path / "registry.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    used: list[Registry] = []

    async def test() -> int:
        refresh = asyncio.create_task(RegistryWatch(FileSource(path), used.append).refresh())
        turns = 0
        while not refresh.done():
            turns += 1
            await asyncio.sleep(0.001)
        return turns

    assert asyncio.run(test()) >= 5
    assert len(used[0].features_of("airport")) > 20_000
