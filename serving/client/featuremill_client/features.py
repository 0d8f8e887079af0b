"""The features of one entity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from featuremill_client.status import Status


class Features(Mapping[str, Any]):
    """A mapping from a feature's name to its value, None where there is none, in the order that was asked for.

    Attributes:
        entity: the entity key.
        status: how each value stands.
        event_time: when the feature's pipeline last wrote the entity, None where unknown; empty unless asked for.
    """

    __slots__ = ("_values", "entity", "event_time", "status")

    def __init__(
        self,
        entity: str,
        names: Sequence[str],
        values: Sequence[Any],
        statuses: Sequence[Status],
        event_times: Sequence[datetime | None],
    ) -> None:
        self.entity = entity
        self._values: dict[str, Any] = dict(zip(names, values, strict=True))
        self.status: Mapping[str, Status] = dict(zip(names, statuses, strict=True))
        self.event_time: Mapping[str, datetime | None] = (
            dict(zip(names, event_times, strict=True)) if event_times else {}
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """The features without a value, whatever the reason: `status` has it."""
        return tuple(name for name, status in self.status.items() if not status.has_value)

    @property
    def stale(self) -> tuple[str, ...]:
        """The features whose value is older than their max_age."""
        return tuple(name for name, status in self.status.items() if status is Status.STALE)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Features of {self.entity}: {self._values}>"
