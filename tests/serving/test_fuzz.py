"""Whatever a caller sends and whatever Redis holds: an answer, or a refusal that is meant; nothing else."""

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import grpc
from featuremill_serving.call import Call
from featuremill_serving.layout import Read
from featuremill_serving.metrics import Metrics
from featuremill_serving.registry import parse_registry
from featuremill_serving.requests import CallFailed, Limits
from featuremill_serving.service import FeatureService
from featuremill_serving.v1 import serving_pb2 as wire
from hypothesis import given
from hypothesis import strategies as st
from serving_fuzz import targets, tried
from serving_harness import FIXTURES, NOW_MS

REGISTRY = parse_registry((FIXTURES / "registry.json").read_bytes(), "fixture")
Response = TypeVar("Response")
MEANT = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION,
}
ENTITIES = st.sampled_from(["airport:A", "airport:B", "user_item:1:2", "airport", "@registry", "", "airport:é"])
KNOWN = [*REGISTRY.entities["airport"], "clicks_1d"]
NAMES = st.lists(st.sampled_from([*KNOWN, "nonsense", "@p", ""]) | st.text(max_size=3), max_size=6)
SETS = st.sampled_from(["", "delay_model_v3", "x"])
STORED = st.none() | st.binary(max_size=8) | st.sampled_from([b"17", b"1.5", b"%d-7" % NOW_MS, b"0-0"])


class Store:
    """Holds whatever is drawn, and takes a moment."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    async def read(
        self, read: Read, keys: Sequence[bytes], time_left_s: float | None = None
    ) -> list[list[bytes | None]]:
        await asyncio.sleep(0)
        return [[self._data.draw(STORED) for _ in read.fields] for _ in keys]


def service(data: st.DataObject, registered: bool) -> FeatureService:
    made = FeatureService(Store(data), lambda: NOW_MS, Limits(), Metrics())  # type: ignore[arg-type]
    if registered:
        made.use(REGISTRY)
    return made


def outcome(call: Coroutine[Any, Any, Response]) -> Response | None:
    """The response, or None of a refusal that is meant."""
    refused: CallFailed | None = None
    try:
        return asyncio.run(call)
    except CallFailed as failed:
        refused = failed
    assert refused.code in MEANT
    assert refused.message
    return None


@given(st.data(), st.booleans(), ENTITIES, NAMES, SETS, st.booleans())
def test_get_features(
    data: st.DataObject, registered: bool, entity: str, names: list[str], feature_set: str, times: bool
) -> None:
    request = wire.GetFeaturesRequest(
        entity_name=entity, feature_names=names, feature_set=feature_set, with_event_times=times
    )
    response = outcome(service(data, registered).get_features(request, Call()))
    if response is None:
        return
    count = len(names) or 3
    assert len(response.values) == len(response.statuses) == count
    assert len(response.event_times_ms) == (count if times else 0)
    wire.GetFeaturesResponse.FromString(response.SerializeToString())


@given(st.data(), st.booleans(), st.lists(ENTITIES, max_size=4), NAMES, SETS, st.integers(0, 3))
def test_batch_get_features(
    data: st.DataObject, registered: bool, entities: list[str], names: list[str], feature_set: str, form: int
) -> None:
    request = wire.BatchGetFeaturesRequest(
        entity_names=entities, feature_names=names, feature_set=feature_set, value_format=form
    )
    response = outcome(service(data, registered).batch_get_features(request, Call()))
    if response is None:
        return
    width = len(names) or 3
    assert len(response.statuses) == len(entities) * width
    if form == wire.VALUE_FORMAT_COLUMNS:
        columns = [getattr(column, column.WhichOneof("values")).values for column in response.columns]
        assert [len(column) for column in columns] == [len(entities)] * width
    else:
        assert len(response.values) == len(entities) * width
    response.SerializeToString()


# inputs of each target, less than a second of each
QUICK = {
    "requests and tokens, to a service": 200,
    "Redis' answers, to a service": 4,
    "Redis' answers, to a connection": 200,
    "places of servers, told by Redis": 300,
    "registries": 400,
    "files of callers": 600,
    "tokens": 600,
    "key sets": 60,
}


def test_what_nobody_means_is_refused_and_ends_nothing(tmp_path: Path) -> None:
    with targets(tmp_path) as found:
        for name, target in found.items():
            for seed in range(QUICK[name]):
                try:
                    tried(target, seed)
                except Exception as error:
                    raise AssertionError(f"{name}, seed {seed}") from error
