"""What readers know of the pipelines: registry.json, read into typed objects.

proto/registry.schema.json is the contract for who writes it. A reader checks what it uses, and lets pass what it
doesn't know, so that a newer writer may add to it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from featuremill_serving.errors import RegistryError
from featuremill_serving.layout import is_name
from featuremill_serving.value_types import ValueType, value_type

FORMAT = 1
_MEND = "write it anew with `nox -s registry`"
_NOTHING: Mapping[str, "Feature"] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature: the pipeline that writes it, its SQL type, both limits in ms, and the default as wire text."""

    pipeline: str
    type: str
    max_age_ms: int
    ttl_ms: int | None = None
    default: str | None = None
    unit: str | None = None
    description: str | None = None
    value_type: ValueType = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "value_type", value_type(self.type))


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """A pinned list of one entity's features, in the order in which a model reads them."""

    entity: str
    features: tuple[str, ...]
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Registry:
    """The features of each entity by name, and the feature sets by theirs."""

    entities: Mapping[str, Mapping[str, Feature]] = field(default_factory=dict)
    feature_sets: Mapping[str, FeatureSet] = field(default_factory=dict)

    def features_of(self, entity: str) -> Mapping[str, Feature]:
        """The entity's features by name; empty for an entity that isn't known."""
        return self.entities.get(entity, _NOTHING)


def parse_registry(raw: bytes, origin: str) -> Registry:
    """Reads registry.json.

    Args:
        raw: its bytes.
        origin: where they come from, for the message.

    Raises:
        RegistryError: not JSON, another format, or a part that is missing or of the wrong kind; it says which.
    """
    try:
        document = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RegistryError(f"{origin}: not UTF-8 at byte {error.start}", _MEND) from None
    except json.JSONDecodeError as error:
        raise RegistryError(f"{origin}:{error.lineno}:{error.colno}: not JSON: {error.msg}", _MEND) from None
    except (RecursionError, ValueError) as error:
        raise RegistryError(f"{origin}: not JSON that can be read: {error}", _MEND) from None
    root = _Node(document, "", origin)
    if root.member("format").value != FORMAT:
        raise RegistryError(
            f"{origin}: format is {_shown(root.member('format').value)}, and this service reads {FORMAT}",
            "deploy a service that reads it",
        )
    ttls_ms = {name: pipeline.whole("ttl_ms", optional=True) for name, pipeline in root.named("pipelines")}
    entities = {
        entity: {name: _feature(node, ttls_ms) for name, node in node.named("features")}
        for entity, node in root.named("entities")
    }
    sets = root.named("feature_sets") if "feature_sets" in document else ()
    return Registry(entities, {name: _feature_set(node, entities) for name, node in sets})


def _feature(node: "_Node", ttls_ms: Mapping[str, int | None]) -> Feature:
    pipeline = node.text("pipeline")
    if pipeline not in ttls_ms:
        raise node.wrong("pipeline", f"'{pipeline[:100]}', which isn't among the pipelines")
    max_age_ms = node.whole("max_age_ms")
    assert max_age_ms is not None
    feature = Feature(
        pipeline=pipeline,
        type=node.text("type"),
        max_age_ms=max_age_ms,
        ttl_ms=ttls_ms[pipeline],
        default=node.text_or_none("default"),
        unit=node.text_or_none("unit", optional=True),
        description=node.text_or_none("description", optional=True),
    )
    if feature.default is not None and not feature.value_type.holds(feature.default.encode()):
        raise node.wrong("default", f"{_shown(feature.default)}, which is no {feature.type[:100]}")
    return feature


def _feature_set(node: "_Node", entities: Mapping[str, Mapping[str, Feature]]) -> FeatureSet:
    entity = node.text("entity")
    if entity not in entities:
        raise node.wrong("entity", f"'{entity[:100]}', which isn't among the entities")
    names = node.texts("features")
    for name in names:
        if name not in entities[entity]:
            raise node.wrong("features", f"a list with '{name[:100]}', which is no feature of {entity}")
    return FeatureSet(entity, names, node.text_or_none("description", optional=True))


def _shown(value: Any) -> str:
    """A value for a message, which stays short."""
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "an object"
    return json.dumps(value)[:100]


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of the document that knows where it stands."""

    value: Any
    path: str
    origin: str

    def member(self, key: str, *, optional: bool = False) -> "_Node":
        if not isinstance(self.value, dict):
            raise RegistryError(f"{self.origin}: {self.path or 'the document'} is not an object", _MEND)
        if key not in self.value and not optional:
            raise RegistryError(f"{self.origin}: {self._below(key)} is missing", _MEND)
        return _Node(self.value.get(key), self._below(key), self.origin)

    def named(self, key: str) -> "list[tuple[str, _Node]]":
        """The members of an object whose keys are names."""
        parent = self.member(key)
        if not isinstance(parent.value, dict):
            raise RegistryError(f"{self.origin}: {parent.path} is not an object", _MEND)
        for name in parent.value:
            if not is_name(name):
                raise RegistryError(f"{self.origin}: {parent.path}: {name[:100]!r} is not a name", _MEND)
        return [(name, parent.member(name)) for name in parent.value]

    def text(self, key: str) -> str:
        value = self.text_or_none(key)
        if value is None:
            raise self.wrong(key, "null, and must be text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of at least one text."""
        value = self.member(key).value
        if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
            raise self.wrong(key, "not a list of names")
        return tuple(value)

    def text_or_none(self, key: str, *, optional: bool = False) -> str | None:
        value = self.member(key, optional=optional).value
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.wrong(key, f"{_shown(value)}, and must be text")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise self.wrong(key, f"{_shown(value)}, which is no Unicode text") from None
        return value

    def whole(self, key: str, *, optional: bool = False) -> int | None:
        """A whole number above zero, in ms; null only where it is optional."""
        value = self.member(key, optional=optional).value
        if value is None and optional:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 2**63:
            raise self.wrong(key, f"{_shown(value)}, and must be a whole number of milliseconds above 0")
        return value

    def wrong(self, key: str, what: str) -> RegistryError:
        return RegistryError(f"{self.origin}: {self._below(key)} is {what}", _MEND)

    def _below(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key
