"""The calls, from a request to its answer. Nothing here listens: an engine does, or a test."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import grpc
from google.protobuf.message import Message

from featuremill_serving.answers import Answers, answer_row, answer_rows
from featuremill_serving.call import Call
from featuremill_serving.clock import Clock
from featuremill_serving.entity_request import Asked, EntityRequest
from featuremill_serving.errors import NotAnEntity, StoreError, StoreOverloaded, StoreUnavailable
from featuremill_serving.layout import Read
from featuremill_serving.metrics import Metrics
from featuremill_serving.plan import Plan, Plans
from featuremill_serving.registry import Feature, Registry
from featuremill_serving.requests import (
    CallFailed,
    Limits,
    check_entities,
    check_entity,
    check_names,
    find_feature_set,
    invalid,
    shown,
)
from featuremill_serving.v1 import serving_pb2 as wire
from featuremill_serving.value_types import TEXT, ColumnKind

Answer = Callable[[Any, Call], Awaitable[Message]]
Calls = Mapping[str, tuple[type[Message], Answer]]
_T = TypeVar("_T")
_CELLS_AT_ONCE = 10_000
_log = logging.getLogger(__name__)


class Reader(Protocol):
    """What is needed of a store."""

    async def read(
        self, read: Read, keys: Sequence[bytes], time_left_s: float | None = None
    ) -> Sequence[Sequence[bytes | None]]:
        """The rows of some keys; raises StoreError."""


class FeatureService:
    """Answers from one Redis, by the registry that it was last given.

    Each call returns its response or raises CallFailed, whose message is for the caller; the log has what concerns us
    alone.

    Attributes:
        calls: each call by its name, with its request.
    """

    def __init__(self, store: Reader, clock: Clock, limits: Limits, metrics: Metrics) -> None:
        self.limits = limits
        self._metrics = metrics
        self._store = store
        self._clock = clock
        self._registry: Registry | None = None
        self._registries = 0
        self._plans = Plans(None)
        self._under_way = 0
        self.calls: Calls = {
            "GetFeatures": (wire.GetFeaturesRequest, self.get_features),
            "BatchGetFeatures": (wire.BatchGetFeaturesRequest, self.batch_get_features),
            "ListFeatures": (wire.ListFeaturesRequest, self.list_features),
            "GetFeatureSet": (wire.GetFeatureSetRequest, self.get_feature_set),
        }

    def use(self, registry: Registry) -> None:
        """Answers by this registry from the next call on."""
        self._registry = registry
        self._registries += 1
        self._plans = Plans(registry)

    async def get_features(
        self, request: wire.GetFeaturesRequest | EntityRequest, call: Call
    ) -> wire.GetFeaturesResponse:
        if isinstance(request, wire.GetFeaturesRequest):
            request = EntityRequest(request.entity_name, Asked(request))
        asked = request.asked
        entity = check_entity(request.entity_name, self.limits)
        plan = self._prepared(asked, entity)
        call.check(entity, plan.names)
        [row] = await self._read(plan, [request.entity_name], call.time_left_s)
        now_ms = self._clock()
        answers = answer_row(plan, row, now_ms, with_event_times=asked.with_event_times)
        self._metrics.served(asked.feature_set, answers.statuses, answers.oldest_ms, now_ms)
        response = wire.GetFeaturesResponse(values=answers.values)  # type: ignore[arg-type]
        _add(response, answers, plan.names if asked.feature_set else ())
        return response

    async def batch_get_features(
        self, request: wire.BatchGetFeaturesRequest, call: Call
    ) -> wire.BatchGetFeaturesResponse:
        entity = check_entities(request.entity_names, self.limits)
        names = self._names(request, entity)
        if len(names) * len(request.entity_names) > self.limits.cells:
            raise invalid(
                f"{len(request.entity_names)} entities of {len(names)} features are asked for, "
                f"and at most {self.limits.cells} values are read at once"
            )
        if request.value_format not in wire.ValueFormat.values():
            raise invalid(f"value_format is {request.value_format}, which isn't known")
        call.check(entity, names)
        plan = self._plans.plan(entity, names)
        entities = list(request.entity_names)
        once = list(dict.fromkeys(entities))
        rows = await self._read(plan, once, call.time_left_s)
        if len(once) < len(entities):
            found = dict(zip(once, rows, strict=True))
            rows = [found[name] for name in entities]
        now_ms = self._clock()
        answers = await _answer_in_parts(plan, rows, now_ms, with_event_times=request.with_event_times)
        self._metrics.served(request.feature_set, answers.statuses, answers.oldest_ms, now_ms)
        if request.value_format == wire.VALUE_FORMAT_COLUMNS:
            response = wire.BatchGetFeaturesResponse(columns=_columns(plan, answers.values))
        else:
            response = wire.BatchGetFeaturesResponse(values=answers.values)  # type: ignore[arg-type]
        _add(response, answers, names if request.feature_set else ())
        return response

    async def list_features(self, request: wire.ListFeaturesRequest, call: Call) -> wire.ListFeaturesResponse:
        registry = self._registry
        if registry is None:
            raise CallFailed(
                grpc.StatusCode.FAILED_PRECONDITION, "the service has no registry, and so knows of no feature"
            )
        if request.entity and request.entity not in registry.entities:
            raise CallFailed(grpc.StatusCode.NOT_FOUND, f"there is no entity {shown(request.entity)}")
        asked = [request.entity] if request.entity else sorted(registry.entities)
        entities = [entity for entity in asked if call.caller is None or call.caller.may_see(entity)]
        return wire.ListFeaturesResponse(
            features=[
                _feature(entity, name, feature)
                for entity in entities
                for name, feature in sorted(registry.features_of(entity).items())
            ],
            feature_sets=sorted(name for name, each in registry.feature_sets.items() if each.entity in entities),
        )

    async def get_feature_set(self, request: wire.GetFeatureSetRequest, call: Call) -> wire.GetFeatureSetResponse:
        registry = self._registry
        found = find_feature_set(request.feature_set, registry)
        assert registry is not None
        call.check(found.entity, ())
        known = registry.features_of(found.entity)
        return wire.GetFeatureSetResponse(
            entity=found.entity,
            features=[_feature(found.entity, name, known[name]) for name in found.features],
            description=found.description or "",
        )

    def _prepared(self, asked: Asked, entity: str) -> Plan:
        """The plan for what is asked, looked for once."""
        prepared = asked.prepared
        if prepared is not None and prepared[0] == self._registries and prepared[1] == entity:
            return prepared[2]
        plan = self._plans.plan(entity, self._names(asked, entity))
        asked.prepared = (self._registries, entity, plan)
        return plan

    def _names(self, request: Asked | wire.BatchGetFeaturesRequest, entity: str) -> tuple[str, ...]:
        """The features that are asked for, by their names or by a set's."""
        if not request.feature_set:
            return check_names(request.feature_names, self.limits)
        if request.feature_names:
            raise invalid("feature_names and feature_set are both given: name one of them")
        found = find_feature_set(request.feature_set, self._registry)
        if found.entity != entity:
            raise invalid(
                f"the feature set {shown(request.feature_set)} is for the entity {found.entity!r}, not for {entity!r}"
            )
        return found.features

    async def _read(
        self, plan: Plan, entity_names: Sequence[str], time_left_s: float | None
    ) -> Sequence[Sequence[bytes | None]]:
        """The rows of some entities; nothing is asked where no feature is known."""
        read = plan.read
        if not read.features:
            return [()] * len(entity_names)
        count = len(entity_names)
        if count > self.limits.reads_under_way:
            raise invalid(f"{count} entities are asked for, and at most {self.limits.reads_under_way} are read at once")
        if self._under_way + count > self.limits.reads_under_way:
            raise CallFailed(
                grpc.StatusCode.RESOURCE_EXHAUSTED, "too many reads are under way; try again after a pause"
            )
        self._under_way += count
        try:
            keys = [name.encode() for name in entity_names]
            at_once = _rows_at_once(len(read.fields))
            if count <= at_once:
                return await self._store.read(read, keys, time_left_s)
            rows: list[Sequence[bytes | None]] = []
            for part in _parts(keys, at_once):
                rows += await self._store.read(read, part, time_left_s)
            return rows
        except NotAnEntity as error:
            name = (error.key or b"").decode()
            raise CallFailed(
                grpc.StatusCode.FAILED_PRECONDITION, f"what is stored under {shown(name)} is not an entity's features"
            ) from None
        except StoreUnavailable:
            raise CallFailed(
                grpc.StatusCode.UNAVAILABLE, "the feature store can't be read at the moment; try again"
            ) from None
        except StoreOverloaded:
            raise CallFailed(
                grpc.StatusCode.RESOURCE_EXHAUSTED, "the feature store is overloaded; try again after a pause"
            ) from None
        except (StoreError, ValueError) as error:
            _log.error("Redis refused a read: %s", error)
            raise CallFailed(grpc.StatusCode.INTERNAL, "the feature store refused the read") from None
        finally:
            self._under_way -= count


def _rows_at_once(fields: int) -> int:
    return max(1, _CELLS_AT_ONCE // fields)


def _parts(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


async def _answer_in_parts(
    plan: Plan, rows: Sequence[Sequence[bytes | None]], now_ms: int, *, with_event_times: bool
) -> Answers:
    """`answer_rows` with a breath for the other calls after each part of an enormous batch."""
    size = _rows_at_once(max(1, len(plan.names)))
    if len(rows) <= size:
        return answer_rows(plan, rows, now_ms, with_event_times=with_event_times)
    answers = Answers([], bytearray())
    for part in _parts(rows, size):
        found = answer_rows(plan, part, now_ms, with_event_times=with_event_times)
        answers.values += found.values
        answers.statuses += found.statuses
        answers.event_times_ms += found.event_times_ms
        if found.oldest_ms is not None:
            answers.oldest_ms = min(found.oldest_ms, answers.oldest_ms or found.oldest_ms)
        await asyncio.sleep(0)
    return answers


def _add(
    response: wire.GetFeaturesResponse | wire.BatchGetFeaturesResponse, answers: Answers, names: Sequence[str]
) -> None:
    """What both responses have beside the values. Fields that stay empty aren't touched: that would cost, too."""
    response.MergeFromString(_packed_statuses(answers.statuses))
    if answers.event_times_ms:
        response.event_times_ms.extend(answers.event_times_ms)
    if names:
        response.feature_names.extend(names)


def _packed_statuses(statuses: bytearray) -> bytes:
    """Field 2 of both responses as it stands on the wire: each status is one byte there, as it is here. To merge that
    costs a hundredth of setting them one by one.
    """
    size = len(statuses)
    length = bytearray()
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    length.append(size)
    return b"\x12" + length + statuses


def _columns(plan: Plan, values: Sequence[bytes]) -> Iterator[wire.Column]:
    """Row-major values as typed columns; where there is no value, 0, false or ""."""
    width = len(plan.names)
    for name, place in enumerate(plan.columns):
        texts = values[name::width]
        kind = TEXT.kind if plan.features is None or place is None else plan.features[place].value_type.kind
        yield _COLUMN_OF[kind](texts)


_COLUMN_OF: dict[ColumnKind, Callable[[Sequence[bytes]], wire.Column]] = {
    ColumnKind.DOUBLES: lambda texts: wire.Column(
        doubles=wire.DoubleValues(values=[float(text) if text else 0.0 for text in texts])
    ),
    ColumnKind.INT64S: lambda texts: wire.Column(
        int64s=wire.Int64Values(values=[int(text) if text else 0 for text in texts])
    ),
    ColumnKind.BOOLS: lambda texts: wire.Column(bools=wire.BoolValues(values=[text == b"true" for text in texts])),
    ColumnKind.STRINGS: lambda texts: wire.Column(strings=wire.StringValues(values=texts)),  # type: ignore[arg-type]
}


def _feature(entity: str, name: str, feature: Feature) -> wire.Feature:
    return wire.Feature(
        entity=entity,
        name=name,
        pipeline=feature.pipeline,
        type=feature.type,
        max_age_ms=feature.max_age_ms,
        ttl_ms=feature.ttl_ms or 0,
        default_value=feature.default,
        unit=feature.unit or "",
        description=feature.description or "",
    )
