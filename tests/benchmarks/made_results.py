"""Results as a run would make them, from numbers that a person can check."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.sinks.measure import Measurement
from benchmarks.sinks.memory import Growth
from benchmarks.sinks.results import Results
from benchmarks.sinks.streaming import Latency
from benchmarks.sinks.variants import TINY_SHARE, VARIANTS, Load, Variant, Way

# way -> rows/s, µs of Flink's CPU, µs of Redis'
FIGURES = {
    Way.LIMIT_HSET: (100_000, 0, 6),
    Way.LIMIT_TRANSACTION: (80_000, 0, 8),
    Way.LIMIT_GUARDED: (60_000, 0, 15),
    Way.BLACKHOLE: (200_000, 10, 0),
    Way.HSET_PER_ROW: (20_000, 40, 16),
    Way.ASYNC_SINK_BASE: (50_000, 23, 8),
    Way.UNGUARDED: (80_000, 15, 10),
    Way.GUARDED: (60_000, 16, 15),
}
ROWS_A_FILE = 50_000
LATENCY = Latency(7_500, 0, 5_000.0, 60.0, 120.0, 130.0, 140.0, 70.0, 20.0, 4.5)


def made(rounds: int = 2) -> Results:
    """Every target is met; a delay takes a tenth of the speed. Each round is as the one before."""
    results = Results("Flink 0", pings=(0.05, 1.1))
    for _ in range(rounds):
        for variant in VARIANTS:
            results.add(variant, measurement(variant))
    results.growth = Growth(60.0, 3_000_000, (80.0, 82.0), (1_100.0, 1_150.0))
    results.latency = LATENCY
    return results


def measurement(variant: Variant) -> Measurement:
    rate, flink, redis = FIGURES[variant.way]
    rows = variant.load.value * ROWS_A_FILE // (TINY_SHARE if variant.load is Load.TINY else 1)
    seconds = rows / rate / (0.9 if variant.delayed else 1)
    return Measurement(rows, seconds, flink * rows / 1e6, redis * rows / 1e6, rows / 1e6)


def slower(results: Results, variant: Variant, **factors: float) -> None:
    """Multiply some fields of a variant's measurements."""
    results.measured[variant] = [
        replace(each, **{name: getattr(each, name) * factor for name, factor in factors.items()})
        for each in results.measured[variant]
    ]
