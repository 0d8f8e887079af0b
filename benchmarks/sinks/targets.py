"""The targets, and whether a run's figures meet them."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.sinks.results import Results, find
from benchmarks.sinks.variants import OURS, Way

OWN_CPU_US = {Way.UNGUARDED: 6.0, Way.GUARDED: 8.0}
SHARE_OF_ASYNC_SINK_BASE = 0.5
SHARE_THROUGH_DELAY = 0.8
SHARE_OF_TWO_CORES = 0.7
# memory that is flat goes up and down by so much
GROWTH = 1.1
P99_MS = 200.0


@dataclass(frozen=True)
class Verdict:
    """A target, what was found, and whether that is good enough."""

    target: str
    found: str
    met: bool

    @property
    def word(self) -> str:
        """For reports."""
        return "met" if self.met else "missed"


def verdicts(results: Results) -> list[Verdict]:
    """The targets on what was measured, by the medians over the rounds; none on what was not."""
    found = [verdict for way in OURS for verdict in speed(results, way)]
    if results.growth is not None:
        found += memory(results)
    if results.latency is not None:
        p99 = results.latency.p99
        found.append(Verdict(f"Kafka to readable in Redis, p99 ≤ {P99_MS:.0f} ms", f"{p99:.0f} ms", p99 <= P99_MS))
    return found


def speed(results: Results, way: Way) -> list[Verdict]:
    """What is asked of one of our two modes."""
    ours, delayed, async_sink_base = find(way), find(way, delayed=True), find(Way.ASYNC_SINK_BASE)
    made = []
    if results.tells_cpu(ours):
        own, most = results.own_cpu(ours), OWN_CPU_US[way]
        made.append(Verdict(f"{way.value}: own CPU ≤ {most:.0f} µs a row", f"{own.text('.1f')} µs", own.median <= most))
    if results.tells_cpu(ours) and results.tells_cpu(async_sink_base):
        others = results.own_cpu(async_sink_base)
        share = results.own_cpu(ours).median / others.median
        made.append(
            Verdict(
                f"{way.value}: own CPU ≤ half of AsyncSinkBase's",
                f"{share:.2f} of {others.median:.1f} µs",
                share <= SHARE_OF_ASYNC_SINK_BASE,
            )
        )
    if results.has(ours, delayed):
        kept = results.share_of_speed(delayed, ours)
        made.append(
            Verdict(
                f"{way.value}: with the delay ≥ {SHARE_THROUGH_DELAY:.0%} of the speed without it",
                kept.text(".0%"),
                kept.median >= SHARE_THROUGH_DELAY,
            )
        )
    if results.tells_cpu(ours):
        cores = results.share_of_two_cores(ours)
        made.append(
            Verdict(
                f"{way.value}: at parallelism 2 ≥ {SHARE_OF_TWO_CORES:.0%} of what two cores can do",
                cores.text(".0%"),
                cores.median >= SHARE_OF_TWO_CORES,
            )
        )
    return made


def memory(results: Results) -> list[Verdict]:
    """Flat from the first third of a job to the last."""
    assert results.growth is not None
    made = []
    for name, thirds in (
        ("heap after whole collections", results.growth.heap),
        ("resident memory", results.growth.resident),
    ):
        what = f"memory flat ({name}: last third ≤ {GROWTH:.0%} of the first)"
        if thirds is None:
            made.append(Verdict(what, "too short to tell", False))
        else:
            first, last = thirds
            made.append(Verdict(what, f"{first:.0f} → {last:.0f} MiB", last <= GROWTH * first))
    return made
