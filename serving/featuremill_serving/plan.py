"""What a request for some features of an entity means: made once for each list of names, and kept."""

from collections.abc import Mapping, Sequence

from featuremill_serving.layout import Read, is_name
from featuremill_serving.registry import Feature, Registry

_KEPT = 1024


class Plan:
    """How to read and answer a list of feature names.

    Attributes:
        names: the features asked for, in their order; one may stand there twice.
        columns: for each name its place among the read's features; None for one that isn't known.
        features: what the registry says of each feature of the read; None without a registry.
        pipeline_of: for each feature of the read the place of its pipeline among the read's pipelines.
        ages: the ages that matter: a pipeline's place with a feature whose limits apply, each pair of limits once.
        age_of: for each feature of the read the place of its age.
        read: the command; it reads nothing where it has no features.
    """

    __slots__ = ("age_of", "ages", "columns", "features", "names", "pipeline_of", "read")

    def __init__(self, names: Sequence[str], known: Mapping[str, Feature] | None) -> None:
        self.names = tuple(names)
        if known is None:
            self.read = Read(filter(is_name, names), ())
            self.features: tuple[Feature, ...] | None = None
            self.pipeline_of: tuple[int, ...] = ()
        else:
            asked = {name: known[name] for name in names if name in known}
            pipelines = {feature.pipeline for feature in known.values()}
            self.read = Read(asked, (each.pipeline for each in asked.values()), len(known) + len(pipelines))
            self.features = tuple(asked.values())
            self.pipeline_of = tuple(self.read.pipelines.index(each.pipeline) for each in self.features)
        ages = {
            (pipeline, feature.max_age_ms, feature.ttl_ms): (pipeline, feature)
            for pipeline, feature in zip(self.pipeline_of, self.features or (), strict=True)
        }
        self.ages = tuple(ages.values())
        order = list(ages)
        self.age_of = tuple(
            order.index((pipeline, feature.max_age_ms, feature.ttl_ms))
            for pipeline, feature in zip(self.pipeline_of, self.features or (), strict=True)
        )
        places = {name: place for place, name in enumerate(self.read.features)}
        self.columns = tuple(places.get(name) for name in self.names)


class Plans:
    """The plans of one registry, or of none. Bounded: when a thousand are kept, all are dropped."""

    def __init__(self, registry: Registry | None) -> None:
        self._registry = registry
        self._kept: dict[tuple[str, tuple[str, ...]], Plan] = {}

    def plan(self, entity: str, names: tuple[str, ...]) -> Plan:
        """The plan for these names of this entity."""
        plan = self._kept.get((entity, names))
        if plan is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            plan = Plan(names, None if self._registry is None else self._registry.features_of(entity))
            self._kept[entity, names] = plan
        return plan
