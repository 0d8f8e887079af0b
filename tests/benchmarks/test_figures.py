"""Medians, percentiles and thirds."""

from __future__ import annotations

import math

import pytest

from benchmarks.sinks.figures import Summary, first_and_last_third, percentile


def test_a_summary_says_how_far_the_others_lie() -> None:
    assert Summary.of([3.0, 1.0, 2.0]).text(".1f") == "2.0 (1.0–3.0)"
    assert Summary.of([1.0, 2.0]).median == 1.5


def test_a_summary_of_equals_is_one_number() -> None:
    assert Summary.of([2.0]).text(".0%") == "200%"
    assert Summary.of([2.01, 2.02]).text(".1f") == "2.0"


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.5, 50), (0.99, 99), (0.991, 100), (0.999, 100), (1.0, 100)]
)
def test_a_percentile_is_one_of_the_values(share: float, expected: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == expected


def test_what_never_came_is_beyond_every_percentile() -> None:
    assert percentile([1.0, 2.0, math.inf], 0.99) == math.inf


def test_thirds_are_of_time_and_not_of_samples() -> None:
    many_early = [(0.0, 1.0), (0.1, 2.0), (0.2, 3.0), (0.3, 4.0), (1.0, 9.0), (1.6, 7.0), (3.0, 9.0)]
    assert first_and_last_third(many_early) == (3.0, 9.0)


@pytest.mark.parametrize("samples", [[], [(1.0, 5.0)]])
def test_too_few_samples_have_no_thirds(samples: list[tuple[float, float]]) -> None:
    assert first_and_last_third(samples) is None
