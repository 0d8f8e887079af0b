"""What a request for some features of an entity means: made once for each list of names, and kept."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from featuremill_serving.kept import KeptByNames
from featuremill_serving.layout import PLAIN_LAST_WRITE, Read, is_name
from featuremill_serving.registry import Feature, Registry
from featuremill_serving.v1.serving_pb2 import (
    FEATURE_STATUS_MISSING,
    FEATURE_STATUS_PRESENT,
    FEATURE_STATUS_UNKNOWN_FEATURE,
)
from featuremill_serving.value_types import TEXT, ValueType

Pick = Callable[[Sequence[Any]], Sequence[Any]]
"""Takes what stands at some places of a row."""


class Plan:
    """How to read and answer a list of feature names.

    Attributes:
        names: the features asked for, in their order; one may stand there twice.
        columns: for each name its place among the read's features; None for one that isn't known.
        features: what the registry says of each feature of the read; None without a registry.
        pipeline_of: for each feature of the read the place of its pipeline among the read's pipelines.
        ages: the ages that matter: a pipeline's place with a feature whose limits apply, each pair of limits once.
        age_of: for each feature of the read the place of its age.
        limits: for each pipeline's place the age in ms up to which all that it wrote is PRESENT.
        by_type: takes all of a row, those of a type together, the last writes at the end.
        usual: what that looks like, each as a line, where all is there and as it nearly always is; its groups are the
            pipelines' event times.
        inexact: the types of which that isn't enough, each with what takes a row's values of it.
        in_order: takes the names' values of a row; None where one of them isn't known.
        unknown: the status of a name that isn't known: without a registry nobody can say that there is no such feature.
        statuses: those of a row in which everything is as it should be.
        read: the command; it reads nothing where it has no features.
    """

    __slots__ = (
        "age_of",
        "ages",
        "by_type",
        "columns",
        "features",
        "in_order",
        "inexact",
        "limits",
        "names",
        "pipeline_of",
        "read",
        "statuses",
        "unknown",
        "usual",
    )

    def __init__(self, names: Sequence[str], known: Mapping[str, Feature] | None) -> None:
        self.names = tuple(names)
        if known is None:
            self.read = Read(filter(is_name, names), ())
            self.features: tuple[Feature, ...] | None = None
            self.pipeline_of: tuple[int, ...] = ()
            self.unknown = FEATURE_STATUS_MISSING
        else:
            asked = {name: known[name] for name in names if name in known}
            pipelines = {feature.pipeline for feature in known.values()}
            self.read = Read(asked, (each.pipeline for each in asked.values()), len(known) + len(pipelines))
            self.features = tuple(asked.values())
            self.pipeline_of = tuple(self.read.pipelines.index(each.pipeline) for each in self.features)
            self.unknown = FEATURE_STATUS_UNKNOWN_FEATURE
        self._look_at_ages()
        self._look_at_types()
        places = {name: place for place, name in enumerate(self.read.features)}
        self.columns = tuple(places.get(name) for name in self.names)
        known_places = [place for place in self.columns if place is not None]
        self.in_order = _pick(known_places) if len(known_places) == len(self.columns) else None
        self.statuses = bytes(self.unknown if place is None else FEATURE_STATUS_PRESENT for place in self.columns)

    def _look_at_ages(self) -> None:
        pairs = list(zip(self.pipeline_of, self.features or (), strict=True))
        keys = [(pipeline, feature.max_age_ms, feature.ttl_ms) for pipeline, feature in pairs]
        ages = dict(zip(keys, pairs, strict=True))
        self.ages = tuple(ages.values())
        order = list(ages)
        self.age_of = tuple(map(order.index, keys))
        limits: dict[int, int] = {}
        for pipeline, feature in pairs:
            limit_ms = feature.max_age_ms if feature.ttl_ms is None else min(feature.max_age_ms, feature.ttl_ms)
            limits[pipeline] = min(limit_ms, limits.get(pipeline, limit_ms))
        self.limits = tuple(limits.items())

    def _look_at_types(self) -> None:
        of_type: dict[ValueType, list[int]] = {}
        for place in range(len(self.read.features)):
            kind = TEXT if self.features is None else self.features[place].value_type
            of_type.setdefault(kind, []).append(place)
        self.inexact = tuple((kind, _pick(places)) for kind, places in of_type.items() if not kind.exact)
        # in one order of the types: few patterns do for all lists of names
        in_order = sorted(of_type.items(), key=lambda each: each[0].plain)
        last_writes = range(len(self.read.features), len(self.read.fields))
        self.by_type = _pick([*chain.from_iterable(places for _, places in in_order), *last_writes])
        self.usual = _usual(tuple((kind.plain, len(places)) for kind, places in in_order), len(last_writes))


@lru_cache(maxsize=1024)
def _usual(values: Iterable[tuple[bytes, int]], last_writes: int) -> re.Pattern[bytes]:
    """Lines of so many values that look like that, and of so many last writes. To compile it costs what some requests
    do.
    """
    lines = [rb"(?:%b\n){%d}" % value for value in values] + [rb"%b\n" % PLAIN_LAST_WRITE] * last_writes
    return re.compile(b"".join(lines))


def _pick(places: Sequence[int]) -> Pick:
    if len(places) > 1:
        return itemgetter(*places)
    return itemgetter(slice(places[0], places[0] + 1) if places else slice(0))


class Plans:
    """The plans of one registry, or of none."""

    def __init__(self, registry: Registry | None) -> None:
        self._registry = registry
        self._kept = KeptByNames[Plan]()

    def plan(self, entity: str, names: tuple[str, ...]) -> Plan:
        """The plan for these names of this entity."""
        plan = self._kept.get(entity, names)
        if plan is None:
            plan = Plan(names, None if self._registry is None else self._registry.features_of(entity))
            self._kept.keep(entity, names, plan)
        return plan
