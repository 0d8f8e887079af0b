"""A run's results as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.program import partial, table
from benchmarks.serving.measure import Measurement
from benchmarks.serving.results import Results
from benchmarks.serving.shapes import ENTITIES, FEATURES, LOADS
from benchmarks.serving.soak import LOAD, SHARE
from benchmarks.serving.targets import verdicts
from benchmarks.serving.ways import NOTHING, WAYS

COLUMNS: tuple[tuple[str, Callable[[Measurement], float]], ...] = (
    ("server CPU µs", lambda each: each.server_us),
    ("Redis CPU µs", lambda each: each.redis_us),
    ("client CPU µs", lambda each: each.client_us),
    ("requests/s", lambda each: each.requests_per_second),
    ("p50 µs", lambda each: each.p50_us),
    ("p99 µs", lambda each: each.p99_us),
    ("p99.9 µs", lambda each: each.p999_us),
)


def report(results: Results, about: Mapping[str, str], ended_early: str | None = None) -> str:
    """The page. Figures are `median (lowest–highest)` over the rounds; `about` tells what the run was made on."""
    parts = [
        "# The serving plane beside other ways to answer",
        f"Made by `nox -s bench-serving`. {ENTITIES:,} entities of {FEATURES} features from five pipelines, of which 20"
        " are asked for, of one entity or of a hundred. Client, server and Redis share two cores, and the ways take"
        " turns; so CPU time for each request, of the server's process and all below it, is the figure to trust.",
        *partial(ended_early, ", and some ways may have one round more than others"),
        "\n".join(f"- {label}: {text}" for label, text in about.items()),
        "What it does with input that nobody means: [serving-fuzz.md](serving-fuzz.md).",
        "## Targets",
        table(["target", "found", ""], [[each.target, each.found, each.word] for each in verdicts(results)]),
        "## The ways",
        "\n".join(
            f"- {way.name}: " + (f"not measured: {results.missing[way]}" if way in results.missing else WHAT[way.short])
            for way in WAYS
            if way in results.missing or any(measured is way for _, measured in results.measured)
        ),
        "## Figures",
        "A request each; medians of the rounds, in brackets the lowest and the highest. Beyond is the server's CPU"
        f" less that of {NOTHING.name} in the same round. One client in Python asks all of them and takes its share of"
        " the two cores, which is given, too: where it takes as much as the server or more, it is the client that"
        " rates and latencies tell of.",
        table(["load", "way", "beyond µs", *(name for name, _ in COLUMNS)], figures(results)),
        *soaked(results),
        "What becomes of bad input is measured by `nox -s fuzz-serving`: see [serving-fuzz.md](serving-fuzz.md).",
    ]
    return "\n\n".join(parts) + "\n"


WHAT = {
    "nothing": "a handler on uvloop that gives out an answer of the same size, made beforehand",
    "ours": "one process with its defaults: statuses in every answer, types, ages and limits looked at, metrics kept",
    "redis-py": "uvloop, hiredis and a pipeline for a batch; PRESENT or MISSING, no types, ages, limits or metrics",
    "go": "messages written by protowire; PRESENT or MISSING, no types, ages, limits or metrics",
    "feast-http": "`feast serve` with one worker that is never restarted, without its log of accesses; file registry,"
    " Redis as online store, filled by Feast; a feature view for each pipeline",
    "feast-grpc": "`feast listen` with the same store",
    "redis": "no server: the client asks Redis itself, over one connection; Redis' CPU is all that a request costs",
}


def figures(results: Results) -> list[list[str]]:
    """A row for each load and way."""
    rows = []
    for load in LOADS:
        for way in WAYS:
            if not results.has(load, way):
                continue
            served = way.command is not None
            beyond = served and way is not NOTHING and results.has(load, NOTHING)
            cells = [results.beyond(load, way, NOTHING).text(",.0f") if beyond else ""]
            for name, figure in COLUMNS:
                own = name != "server CPU µs" or served
                cells.append(results.summary(load, way, figure).text(",.0f") if own else "")
            rows.append([str(load), way.name, *cells])
    return rows


def soaked(results: Results) -> list[str]:
    """The soak's part: at most twenty of its samples, and the last one."""
    if not results.soak:
        return []
    step = max(1, len(results.soak) // 20)
    shown = [each for number, each in enumerate(results.soak, start=1) if number % step == 0 or number == 1]
    return [
        "## Soak",
        f"{results.soak_rate:,.0f} requests/s wanted, {SHARE:.0%} of the full load, from {LOAD.callers} callers who ask"
        " in time; a latency counts from when the request was due. Among the targets are the medians of the first and"
        " the last third.",
        table(
            ["after", "requests/s", "p50 µs", "p99 µs", "server CPU µs", "resident MiB"],
            [
                [
                    f"{each.at:,.0f} s",
                    f"{each.requests_per_second:,.0f}",
                    f"{each.p50_us:,.0f}",
                    f"{each.p99_us:,.0f}",
                    f"{each.server_us:,.0f}",
                    f"{each.resident_mib:.1f}",
                ]
                for each in shown
            ],
        ),
    ]
