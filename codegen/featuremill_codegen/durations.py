"""Durations as people write them in feature.yaml: `30s`, `10 min`, `2h`, `7d`."""

from __future__ import annotations

import re

_UNITS_MS = {"ms": 1, "s": 1000, "min": 60_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"(\d{1,9})\s*(ms|s|min|m|h|d)")
DURATION_HELP = "write a number and a unit: ms, s, min, h or d, for example 30s, 2h or 7d"


def parse_duration(text: str) -> int:
    """The duration in milliseconds.

    >>> parse_duration("2h"), parse_duration("2 d")
    (7200000, 172800000)

    Raises ValueError for anything else, zero included.
    """
    match = _DURATION.fullmatch(text.strip())
    if not match or not int(match[1]):
        raise ValueError(f"`{text}` is not a duration")
    return int(match[1]) * _UNITS_MS[match[2]]
