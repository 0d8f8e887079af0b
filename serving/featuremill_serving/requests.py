"""What a request may ask for: checked before anything is read."""

from collections.abc import Sequence
from dataclasses import dataclass

import grpc

from featuremill_serving.layout import entity_of
from featuremill_serving.registry import FeatureSet, Registry


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request, and all of them together, may ask for."""

    feature_names: int = 1000
    entity_names: int = 5000
    entity_name_characters: int = 4096
    # entities times features of a batch
    cells: int = 250_000
    # reads that calls under way may be waiting for, all together, in one process
    reads_under_way: int = 20_000
    request_bytes: int = 4 * 1024 * 1024


class CallFailed(Exception):
    """Ends a call with a status and a message for the caller."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> CallFailed:
    """The request can't be right, whatever is stored."""
    return CallFailed(grpc.StatusCode.INVALID_ARGUMENT, message)


def shown(text: str) -> str:
    """What a caller sent, for a message to the caller: cut, because a long message doesn't fit where gRPC puts it."""
    return repr(text[:100])


def check_entity(entity_name: str, limits: Limits) -> str:
    """The entity of an entity name, `airport` of `airport:JFK`; raises CallFailed."""
    if len(entity_name) > limits.entity_name_characters:
        raise invalid(
            f"entity_name has {len(entity_name)} characters, and at most {limits.entity_name_characters} are read"
        )
    entity = entity_of(entity_name)
    if entity is None:
        raise invalid(f"entity_name is {shown(entity_name)}, and must be <entity>:<key>, like 'airport:JFK'")
    return entity


def check_entities(entity_names: Sequence[str], limits: Limits) -> str:
    """The one entity of many entity names; raises CallFailed."""
    if not entity_names:
        raise invalid("entity_names is empty: name at least one entity")
    if len(entity_names) > limits.entity_names:
        raise invalid(f"entity_names has {len(entity_names)} names, and at most {limits.entity_names} are read at once")
    entity = check_entity(entity_names[0], limits)
    prefix = f"{entity}:"
    for place, name in enumerate(entity_names):
        if not name.startswith(prefix) or not len(prefix) < len(name) <= limits.entity_name_characters:
            other = check_entity(name, limits)
            raise invalid(
                f"entity_names[{place}] is of the entity {other!r}, the first of {entity!r}: "
                "a batch reads one entity's features"
            )
    return entity


def check_names(feature_names: Sequence[str], limits: Limits) -> tuple[str, ...]:
    """The features asked for by name; raises CallFailed."""
    if not feature_names:
        raise invalid("feature_names is empty: name at least one feature")
    if len(feature_names) > limits.feature_names:
        raise invalid(
            f"feature_names has {len(feature_names)} names, and at most {limits.feature_names} are read at once"
        )
    names = tuple(feature_names)
    if "" in names:
        raise invalid(f"feature_names[{names.index('')}] is empty")
    return names


def find_feature_set(name: str, registry: Registry | None) -> FeatureSet:
    """The feature set of that name; raises CallFailed."""
    if registry is None:
        raise CallFailed(
            grpc.StatusCode.FAILED_PRECONDITION, "the service has no registry, and so knows of no feature set"
        )
    found = registry.feature_sets.get(name)
    if found is None:
        raise CallFailed(grpc.StatusCode.NOT_FOUND, f"there is no feature set {shown(name)}")
    return found
