"""What is made of several measurements of one thing."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Summary:
    """The median, and how far the others lie from it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Summary:
        """Of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def text(self, form: str) -> str:
        """`median (low–high)`, each number in the format `form`; the median alone if all are alike."""
        median, low, high = (format(value, form) for value in (self.median, self.low, self.high))
        return median if low == high else f"{median} ({low}–{high})"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that is not below `share` of all of them. There is at least one."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def first_and_last_third(samples: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """The medians of the first and the last third, by time, of samples (time, value); None if one of them is empty."""
    if not samples:
        return None
    begin, end = samples[0][0], samples[-1][0]
    third = (end - begin) / 3
    first = [value for at, value in samples if at <= begin + third]
    last = [value for at, value in samples if at >= end - third]
    return (statistics.median(first), statistics.median(last)) if third > 0 else None
