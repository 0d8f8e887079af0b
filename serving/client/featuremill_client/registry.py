"""What the client remembers of the service's registry."""

from __future__ import annotations

import time
from collections.abc import Mapping

from featuremill_client.errors import NotFound, PreconditionFailed, TryAgain
from featuremill_client.sql_types import Declared, declared
from featuremill_client.steps import Request, Steps, message
from featuremill_client.v1 import serving_pb2 as wire

_KEPT = 1_000
ASK_AGAIN_S = 10.0
"""How soon the registry is asked once more for a feature that it didn't know."""


class Types:
    """The features' types, as the registry has them: asked for once for each entity, and kept.

    A feature never changes its type. So the registry is asked again only where there is a value of a feature that it
    didn't know, or one that isn't of its type, and after `max_age_s`.
    """

    def __init__(self, max_age_s: float) -> None:
        self._max_age_s = max_age_s
        self._known: dict[str, tuple[float, Mapping[str, Declared]]] = {}
        self._sets: dict[str, tuple[float, tuple[str, ...]]] = {}

    def of(self, entity: str, newer_than_s: float | None = None) -> Steps[Mapping[str, Declared]]:
        """The types of an entity's features by name; empty where the service has no registry, or not this entity."""
        asked, types = self._known.get(entity, (-float("inf"), {}))
        now = time.monotonic()
        if now - asked <= (self._max_age_s if newer_than_s is None else newer_than_s):
            return types
        try:
            [listed] = yield [Request("ListFeatures", message(wire.ListFeaturesRequest, entity=entity))]
            types = {each.name: declared(each.type) for each in listed.features}
        except (NotFound, PreconditionFailed):
            types = {}
        except TryAgain:
            if entity not in self._known:
                raise
            return types  # the last word still holds
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[entity] = (now, types)
        return types

    def names_of_set(self, feature_set: str) -> Steps[tuple[str, ...]]:
        """What a feature set holds, in its order."""
        asked, names = self._sets.get(feature_set, (-float("inf"), ()))
        now = time.monotonic()
        if now - asked > self._max_age_s:
            [found] = yield [Request("GetFeatureSet", message(wire.GetFeatureSetRequest, feature_set=feature_set))]
            names = tuple(each.name for each in found.features)
            if len(self._sets) >= _KEPT:
                self._sets.clear()
            self._sets[feature_set] = (now, names)
        return names
