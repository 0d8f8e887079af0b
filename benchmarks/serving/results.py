"""All that a run measured. One that ended early has measured some ways once more than others, and some not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.serving.measure import Measurement
from benchmarks.serving.shapes import Load
from benchmarks.serving.soak import Sample
from benchmarks.serving.ways import Way
from benchmarks.sinks.figures import Summary


@dataclass
class Results:
    """Filled in as the run goes on.

    Attributes:
        measured: for each load and way a measurement for each round so far, in order.
        missing: ways that this machine can't run, and why.
        soak: what was seen while a load lasted, in order; empty where none was asked for.
        soak_rate: its requests a second.
    """

    measured: dict[tuple[Load, Way], list[Measurement]] = field(default_factory=dict)
    missing: dict[Way, str] = field(default_factory=dict)
    soak: list[Sample] = field(default_factory=list)
    soak_rate: float = 0.0

    def add(self, load: Load, way: Way, measurement: Measurement) -> None:
        """Note a round's measurement."""
        self.measured.setdefault((load, way), []).append(measurement)

    def has(self, load: Load, *ways: Way) -> bool:
        """Whether each of them was measured under the load."""
        return all((load, way) in self.measured for way in ways)

    def summary(self, load: Load, way: Way, figure: Callable[[Measurement], float]) -> Summary:
        """A figure over the rounds."""
        return Summary.of([figure(each) for each in self.measured[load, way]])

    def beyond(self, load: Load, way: Way, other: Way) -> Summary:
        """The µs of CPU beyond another way's, round by round."""
        return Summary.of([one.server_us - another.server_us for one, another in self._pairs(load, way, other)])

    def times_less(self, load: Load, way: Way, other: Way) -> Summary:
        """How many times less CPU than another way, round by round."""
        return Summary.of([another.server_us / one.server_us for one, another in self._pairs(load, way, other)])

    def _pairs(self, load: Load, way: Way, other: Way) -> Sequence[tuple[Measurement, Measurement]]:
        return list(zip(self.measured[load, way], self.measured[load, other], strict=False))
