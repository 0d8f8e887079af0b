"""What time it is, in integer milliseconds since 1970-01-01 UTC: ages are told by it."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from featuremill_serving.errors import UsageError

Clock = Callable[[], int]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<number>[0-9]{1,12})(?P<unit>ms|s|m|h|d)")


def machine_clock() -> int:
    """The machine's time."""
    return time.time_ns() // 1_000_000


def parse_clock(text: str) -> Clock:
    """A clock for data of another time.

    `2013-01-03T12:00:00Z` stands still at that instant (without a zone: UTC); `-4700d` or `+90m` runs that far from the
    machine's clock, in ms, s, m, h or d.

    Raises:
        UsageError: it is neither.
    """
    offset = _OFFSET.fullmatch(text)
    if offset is not None:
        distance_ms = int(offset["sign"] + offset["number"]) * _UNITS_MS[offset["unit"]]
        return lambda: machine_clock() + distance_ms
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"'{text}' is not a time", "give --now a timestamp, 2013-01-03T12:00:00Z, or an offset, --now=-4700d"
        ) from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    instant_ms = (instant - _EPOCH) // timedelta(milliseconds=1)
    return lambda: instant_ms
