"""GetFeatures: from a request to its answer."""

import logging
from collections.abc import Mapping
from typing import NoReturn

import grpc

from featuremill_serving import layout
from featuremill_serving.clock import Clock
from featuremill_serving.errors import NotAnEntity, StoreError, StoreUnavailable
from featuremill_serving.registry import Feature, Registry
from featuremill_serving.status import judge, judge_unregistered
from featuremill_serving.store import RedisStore
from featuremill_serving.v1.serving_pb2 import (
    FEATURE_STATUS_UNKNOWN_FEATURE,
    FeatureStatus,
    GetFeaturesRequest,
    GetFeaturesResponse,
)
from featuremill_serving.v1.serving_pb2_grpc import FeatureServiceServicer

MAX_FEATURE_NAMES = 1000
MAX_ENTITY_NAME_CHARACTERS = 4096

_log = logging.getLogger(__name__)
_NOTHING = layout.Snapshot({}, {})
_Answer = tuple[FeatureStatus, str, int]


class InvalidRequest(Exception):
    """A request that can't be right, whatever is stored; the text is for the caller."""


class FeatureService(FeatureServiceServicer):
    """Answers from one Redis, by the registry that it was last given."""

    def __init__(self, store: RedisStore, clock: Clock) -> None:
        self.registry: Registry | None = None
        self._store = store
        self._clock = clock

    async def GetFeatures(
        self, request: GetFeaturesRequest, context: grpc.aio.ServicerContext[GetFeaturesRequest, GetFeaturesResponse]
    ) -> GetFeaturesResponse:
        """Answers, or ends the call with a status and a message for the caller; the log has what concerns us alone."""
        try:
            return await self._get_features(request)
        except InvalidRequest as error:
            await _abort(context, grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except NotAnEntity:
            await _abort(
                context,
                grpc.StatusCode.FAILED_PRECONDITION,
                f"what is stored under {request.entity_name!r} is not an entity's features",
            )
        except StoreUnavailable:
            await _abort(
                context, grpc.StatusCode.UNAVAILABLE, "the feature store can't be read at the moment; try again"
            )
        except StoreError as error:
            _log.error("Redis refused a read: %s", error)
            await _abort(context, grpc.StatusCode.INTERNAL, "the feature store refused the read")
        except Exception:
            _log.exception("GetFeatures failed")
            await _abort(context, grpc.StatusCode.INTERNAL, "the service failed on this request")

    async def _get_features(self, request: GetFeaturesRequest) -> GetFeaturesResponse:
        entity = _check(request)
        if self.registry is None:
            answers = await self._unregistered(request)
        else:
            answers = await self._registered(request, self.registry.features_of(entity))
        aligned = [answers[name] for name in request.feature_names]
        return GetFeaturesResponse(
            statuses=[status for status, _, _ in aligned],
            values=[value for _, value, _ in aligned],
            event_times_ms=[event_time_ms for _, _, event_time_ms in aligned] if request.with_event_times else (),
        )

    async def _registered(self, request: GetFeaturesRequest, known: Mapping[str, Feature]) -> dict[str, _Answer]:
        """The answer for each name, by the registry's word on the entity's features."""
        features = {name: known[name] for name in request.feature_names if name in known}
        snapshot = await self._read(
            layout.plan(request.entity_name, features, (feature.pipeline for feature in features.values()))
        )
        now_ms = self._clock()
        answers: dict[str, _Answer] = {
            name: (FEATURE_STATUS_UNKNOWN_FEATURE, "", 0) for name in request.feature_names if name not in features
        }
        for name, feature in features.items():
            event_time_ms = snapshot.event_times_ms.get(feature.pipeline)
            status, value = judge(snapshot.values.get(name), event_time_ms, feature, now_ms)
            answers[name] = (status, value, event_time_ms or 0)
        return answers

    async def _unregistered(self, request: GetFeaturesRequest) -> dict[str, _Answer]:
        """The answer for each name without a registry. What can't be a feature's name isn't asked for."""
        snapshot = await self._read(layout.plan(request.entity_name, filter(layout.is_name, request.feature_names), ()))
        return {name: (*judge_unregistered(snapshot.values.get(name)), 0) for name in request.feature_names}

    async def _read(self, read: layout.Read) -> layout.Snapshot:
        """One HMGET, or none where no feature is asked for."""
        return read.decode(await self._store.hmget(read.key, read.fields)) if read.features else _NOTHING


def _check(request: GetFeaturesRequest) -> str:
    """The request's entity.

    Raises:
        InvalidRequest: a part is empty, too large, or not of the right form.
    """
    if len(request.entity_name) > MAX_ENTITY_NAME_CHARACTERS:
        raise InvalidRequest(
            f"entity_name has {len(request.entity_name)} characters, and at most {MAX_ENTITY_NAME_CHARACTERS} are read"
        )
    entity = layout.entity_of(request.entity_name)
    if entity is None:
        raise InvalidRequest(f"entity_name is {request.entity_name!r}, and must be <entity>:<key>, like 'airport:JFK'")
    if not request.feature_names:
        raise InvalidRequest("feature_names is empty: name at least one feature")
    if len(request.feature_names) > MAX_FEATURE_NAMES:
        raise InvalidRequest(
            f"feature_names has {len(request.feature_names)} names, and at most {MAX_FEATURE_NAMES} are read at once"
        )
    if "" in request.feature_names:
        raise InvalidRequest(f"feature_names[{list(request.feature_names).index('')}] is empty")
    return entity


async def _abort(
    context: grpc.aio.ServicerContext[GetFeaturesRequest, GetFeaturesResponse], code: grpc.StatusCode, details: str
) -> NoReturn:
    await context.abort(code, details)
    raise AssertionError("abort raises")
