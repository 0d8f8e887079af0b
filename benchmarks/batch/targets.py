"""The targets, and whether a run's figures meet them."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.batch.results import Results
from benchmarks.sinks.figures import Summary
from benchmarks.sinks.targets import Verdict, speed
from benchmarks.sinks.variants import Way

# a cost that is linear goes up and down by so much
LINEAR = 1.2
DAILY_SECONDS = 60.0


def verdicts(results: Results) -> Iterator[Verdict]:
    """The targets on what was measured, those of the sink among them; none on what was not."""
    yield from speed(results.ingestion, Way.GUARDED)
    *_, fewer, most = 0, 0, *sorted(results.queries)
    ratio = results.ratio(most)
    if ratio is not None:
        what = f"HiveQL: up to {most:,} a row costs ≤ {LINEAR:g} times what it does up to {fewer:,}"
        yield Verdict(what, f"{ratio:.2f}", ratio <= LINEAR)
    if results.daily:
        seconds = Summary.of([each.whole for each in results.daily])
        what = f"a daily run of carrier_daily_quality ≤ {DAILY_SECONDS:.0f} s"
        yield Verdict(what, f"{seconds.text('.1f')} s", seconds.median <= DAILY_SECONDS)
