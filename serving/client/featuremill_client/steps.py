"""What a client does, without doing it: the calls that it takes, one after the other, and what becomes of them.

Steps are a generator. It yields requests, is sent their responses in the same order, or has thrown into it the error
that one of them ended with, and returns the result. So the client and the asyncio client are the same but for how they
call.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import Message

from featuremill_client.errors import InvalidRequest

_Result = TypeVar("_Result")
_Message = TypeVar("_Message", bound=Message)


@dataclass(frozen=True)
class Request:
    """A call of the service: its name and its message."""

    method: str
    message: Any


Steps = Generator[Iterable[Request], Sequence[Any], _Result]


def message(kind: Callable[..., _Message], **fields: Any) -> _Message:
    """A message; raises InvalidRequest for what can't be sent."""
    try:
        return kind(**fields)
    except (TypeError, ValueError) as error:
        raise InvalidRequest(f"this can't be asked for: {error}") from None


def check_entity(entity: object) -> None:
    """Raises InvalidRequest for what isn't text; the service judges the rest."""
    if not isinstance(entity, str):
        raise InvalidRequest(f"an entity is {entity!r}, and must be an entity key, as entity_key() makes them")


def check_names(features: Iterable[str] | None, feature_set: str | None) -> tuple[str, ...]:
    """The features to ask for by name, each once; none where there is a set."""
    if (features is None) == (feature_set is None):
        raise InvalidRequest("say which features: either their names or a feature_set")
    if isinstance(features, str):
        raise InvalidRequest(f"features is {features!r}, and must be a list of names")
    return tuple(dict.fromkeys(() if features is None else features))
