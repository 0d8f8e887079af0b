"""What was found out about lists of names, for the next request with the same."""

from typing import Generic, TypeVar

# what a name costs beside its characters: its object, and its places in lists
_NAME = 64
_MOST = 4_000_000

T = TypeVar("T")


class KeptByNames(Generic[T]):
    """Values by an entity and names of its features.

    Callers choose the names, so what is kept is bounded by their characters in all: beyond that all is dropped, and a
    list that is longer by itself is not kept.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, tuple[str, ...]], T] = {}
        self._cost = 0

    def get(self, entity: str, names: tuple[str, ...]) -> T | None:
        """The value that is kept for these names."""
        return self._kept.get((entity, names))

    def keep(self, entity: str, names: tuple[str, ...], value: T) -> None:
        """Keep it, in the place of what was kept for them."""
        cost = len(entity) + sum(map(len, names)) + _NAME * (len(names) + 1)
        if cost > _MOST:
            return
        if self._cost + cost > _MOST:
            self._kept.clear()
            self._cost = 0
        self._kept[entity, names] = value
        self._cost += cost
