"""What the service says of each value."""

from enum import IntEnum


class Status(IntEnum):
    """How a value stands. PRESENT, STALE and DEFAULTED come with a value, the others without."""

    UNSPECIFIED = 0
    """Nothing that this client knows: the service is newer."""
    PRESENT = 1
    """There is a value, no older than the feature's max_age."""
    MISSING = 2
    """There is no value: never written, removed, or older than its pipeline's ttl."""
    STALE = 3
    """There is a value, but it is older than the feature's max_age, or its age can't be told."""
    DEFAULTED = 4
    """There is no value, and the feature's default stands in."""
    UNKNOWN_FEATURE = 5
    """The entity has no feature of this name."""
    INVALID = 6
    """There is a value that can't be given out: it isn't of the feature's declared type."""

    @property
    def has_value(self) -> bool:
        """Whether a value stands beside it."""
        return self in WITH_VALUE


WITH_VALUE = frozenset({Status.PRESENT, Status.STALE, Status.DEFAULTED})
BY_NUMBER = tuple(Status)
"""What Status(number) gives, at a part of its cost."""
# for bytes.translate: whole columns of statuses at once
_KNOWN = bytes(number if number in list(Status) else Status.UNSPECIFIED for number in range(256))
_HAS_VALUE = bytes(number in WITH_VALUE for number in range(256))


def known(numbers: bytes) -> bytes:
    """Status numbers, those that this client doesn't know as UNSPECIFIED."""
    return numbers.translate(_KNOWN)


def has_value(numbers: bytes) -> bytes:
    """For each status number 1 where there is a value, else 0."""
    return numbers.translate(_HAS_VALUE)
