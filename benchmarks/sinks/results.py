"""All that a run measured, and what follows from several measurements of one round.

A run that ended early has measured some ways once more than others, and some not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.program import CORES
from benchmarks.sinks.figures import Summary
from benchmarks.sinks.measure import Measurement
from benchmarks.sinks.memory import Growth
from benchmarks.sinks.streaming import Latency
from benchmarks.sinks.variants import LIMITS, VARIANTS, Variant, Way

# below so many rows, what it takes to start a job is most of its CPU time
ENOUGH_FOR_CPU = 50_000


@dataclass
class Results:
    """Filled in as the run goes on. Each variant has a measurement for each round so far, in order."""

    versions: str = ""
    measured: dict[Variant, list[Measurement]] = field(default_factory=dict)
    # milliseconds of a PING, beside Redis and through the proxy
    pings: tuple[float, float] = (0.0, 0.0)
    growth: Growth | None = None
    latency: Latency | None = None

    def add(self, variant: Variant, measurement: Measurement) -> None:
        """Note a round's measurement."""
        self.measured.setdefault(variant, []).append(measurement)

    def has(self, *variants: Variant) -> bool:
        """Whether each of them was measured in some round, and so all of them in the first."""
        return all(variant in self.measured for variant in variants)

    def tells_cpu(self, variant: Variant) -> bool:
        """Whether the CPU time of Flink for a row, and of the sink alone, follows from what was measured."""
        if variant.way in LIMITS or not self.has(variant, blackhole(variant)):
            return False
        return self.measured[variant][0].rows >= ENOUGH_FOR_CPU

    def summary(self, variant: Variant, figure: Callable[[Measurement], float]) -> Summary:
        """A figure of the variant over the rounds."""
        return Summary.of([figure(each) for each in self.measured[variant]])

    def own_cpu(self, variant: Variant) -> Summary:
        """The sink's own µs of Flink's CPU for a row: what is beyond the blackhole's, round by round."""
        baseline = blackhole(variant)
        pairs = zip(self.measured[variant], self.measured[baseline], strict=False)
        return Summary.of([own.flink_us - base.flink_us for own, base in pairs])

    def share_of_speed(self, variant: Variant, other: Variant) -> Summary:
        """The rate as a share of another variant's, round by round."""
        pairs = zip(self.measured[variant], self.measured[other], strict=False)
        return Summary.of([one.rate / another.rate for one, another in pairs])

    def share_of_two_cores(self, variant: Variant) -> Summary:
        """The rate as a share of what two cores can do, round by round.

        That is: reading costs what the blackhole's job takes, writing what Redis takes, the sink itself nothing; and
        Redis has one thread.
        """
        baseline = blackhole(variant)
        shares = []
        for ours, base in zip(self.measured[variant], self.measured[baseline], strict=False):
            possible = min(CORES * 1e6 / (base.flink_us + ours.redis_us), 1e6 / ours.redis_us)
            shares.append(ours.rate / possible)
        return Summary.of(shares)


def blackhole(variant: Variant) -> Variant:
    """The job that differs from the variant's by its sink alone."""
    return find(Way.BLACKHOLE, variant.parallelism)


def find(way: Way, parallelism: int = 2, *, delayed: bool = False) -> Variant:
    """The variant that measures this."""
    return next(
        variant
        for variant in VARIANTS
        if variant.way is way and variant.delayed == delayed and (way in LIMITS or variant.parallelism == parallelism)
    )
