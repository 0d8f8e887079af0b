"""The targets' thresholds, each from both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from made_results import LATENCY, made, slower

from benchmarks.sinks.results import Results, find
from benchmarks.sinks.targets import verdicts
from benchmarks.sinks.variants import Way

UNGUARDED, GUARDED = find(Way.UNGUARDED), find(Way.GUARDED)


def missed(results: Results) -> list[str]:
    return [verdict.target for verdict in verdicts(results) if not verdict.met]


def memory_grows(results: Results) -> None:
    results.growth = replace(results.growth, heap=(80.0, 89.0))


def memory_was_not_seen(results: Results) -> None:
    results.growth = replace(results.growth, resident=None)


def rows_come_late(results: Results) -> None:
    results.latency = replace(LATENCY, p99=201.0)


def test_good_figures_meet_every_target() -> None:
    assert missed(made()) == []
    assert len(verdicts(made())) == 11


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        # 15 µs less the blackhole's 10 are 5; 16.1 are 6.1
        (lambda results: slower(results, UNGUARDED, flink_cpu=16.1 / 15), ["without the guard: own CPU ≤ 6 µs"]),
        (
            lambda results: slower(results, GUARDED, flink_cpu=18.1 / 16),
            ["with the guard: own CPU ≤ 8 µs", "with the guard: own CPU ≤ half"],
        ),
        # half of AsyncSinkBase's 13 µs is 6.5, half of 9.9 is less than 5
        (
            lambda results: slower(results, find(Way.ASYNC_SINK_BASE), flink_cpu=19.9 / 23),
            ["without the guard: own CPU ≤ half", "with the guard: own CPU ≤ half"],
        ),
        # 90 % are left by the delay; a seventh less is below 80 %
        (lambda results: slower(results, find(Way.GUARDED, delayed=True), seconds=7 / 6), ["guard: with the delay"]),
        # 2 cores / (10 + 15) µs are 80,000 rows/s, but Redis' one thread can do 66,667 at 15 µs
        (
            lambda results: slower(results, GUARDED, seconds=60_000 / 46_000, flink_cpu=1),
            ["with the guard: at parallelism 2"],
        ),
        (memory_grows, ["heap"]),
        (memory_was_not_seen, ["resident"]),
        (rows_come_late, ["p99"]),
    ],
)
def test_each_target_can_be_missed(spoil: Callable[[Results], None], expected: list[str]) -> None:
    results = made()
    spoil(results)
    found = missed(results)
    assert len(found) == len(expected), found
    for target, part in zip(found, expected, strict=True):
        assert part in target


def test_what_two_cores_can_do_is_bounded_by_redis_thread() -> None:
    assert made().share_of_two_cores(GUARDED).median == pytest.approx(60_000 / (1e6 / 15))
    assert made().share_of_two_cores(UNGUARDED).median == pytest.approx(80_000 / (2e6 / 20))


def test_rounds_are_compared_with_themselves() -> None:
    results = made(rounds=1)
    for variant, measured in list(results.measured.items()):
        # a second round on a machine that is half as fast
        slow = replace(measured[0], seconds=measured[0].seconds * 2, flink_cpu=measured[0].flink_cpu * 2)
        results.add(variant, slow)
    own = results.own_cpu(UNGUARDED)
    assert (own.low, own.high) == pytest.approx((5.0, 10.0))
    assert results.share_of_speed(find(Way.GUARDED, delayed=True), GUARDED).text(".0%") == "90%"
