"""The targets, and whether a run's figures meet them."""

from __future__ import annotations

import statistics

from benchmarks.serving.results import Results
from benchmarks.serving.shapes import Load
from benchmarks.serving.ways import FEAST_HTTP, NOTHING, OURS
from benchmarks.sinks.figures import first_and_last_third
from benchmarks.sinks.targets import Verdict

BEYOND_NOTHING_US = 40.0
BATCH_US = 1300.0
TIMES_LESS_THAN_FEAST = {1: 4.0, 100: 12.0}
RATE_HELD = 0.98
SINGLE, BATCH = Load(64, 1), Load(64, 100)
# what is flat goes up and down by so much; latencies of a machine that others use do so by more
GROWTH = {"resident memory": 1.1, "p50": 1.25, "p99": 1.5}


def verdicts(results: Results) -> list[Verdict]:
    """The targets on what was measured, by the medians over the rounds; none on what was not."""
    made = []
    if results.has(SINGLE, OURS, NOTHING):
        beyond = results.beyond(SINGLE, OURS, NOTHING)
        made.append(
            Verdict(
                f"{SINGLE}: CPU at most {BEYOND_NOTHING_US:.0f} µs beyond {NOTHING.name}",
                f"{beyond.text('.0f')} µs",
                beyond.median <= BEYOND_NOTHING_US,
            )
        )
    if results.has(BATCH, OURS):
        whole = results.summary(BATCH, OURS, lambda each: each.server_us)
        made.append(
            Verdict(f"{BATCH}: CPU at most {BATCH_US:,.0f} µs", f"{whole.text(',.0f')} µs", whole.median <= BATCH_US)
        )
    for load in (SINGLE, BATCH):
        if results.has(load, OURS, FEAST_HTTP):
            least = TIMES_LESS_THAN_FEAST[load.entities]
            times = results.times_less(load, OURS, FEAST_HTTP)
            what = f"{load}: CPU at least {least:.0f} times less than {FEAST_HTTP.name}"
            made.append(Verdict(what, f"{times.text('.1f')} times", times.median >= least))
    return [*made, *flat(results)]


def flat(results: Results) -> list[Verdict]:
    """What a soak must not change, from its first third to its last; and that it was the load that was wanted."""
    made = []
    if results.soak:
        rate = statistics.median(each.requests_per_second for each in results.soak)
        share = rate / results.soak_rate
        what = f"soak: at least {RATE_HELD:.0%} of the requests that were wanted"
        made.append(Verdict(what, f"{share:.0%}", share >= RATE_HELD))
    for name, unit, samples in (
        ("resident memory", "MiB", [(each.at, each.resident_mib) for each in results.soak]),
        ("p50", "µs", [(each.at, each.p50_us) for each in results.soak]),
        ("p99", "µs", [(each.at, each.p99_us) for each in results.soak]),
    ):
        thirds = first_and_last_third(samples)
        if thirds is not None:
            first, last = thirds
            what = f"soak: {name} flat (last third at most {GROWTH[name]:.0%} of the first)"
            made.append(Verdict(what, f"{first:,.0f} → {last:,.0f} {unit}", last <= GROWTH[name] * first))
    return made
