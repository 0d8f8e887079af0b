"""The figures as a page."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence

from benchmarks.serving.measure import Measurement
from benchmarks.serving.shapes import ENTITIES, FEATURES, LOADS, Load

Results = Mapping[tuple[Load, str], Sequence[Measurement]]
OURS, NOTHING = "featuremill-serving", "do-nothing handler"
_COLUMNS: tuple[tuple[str, Callable[[Measurement], float]], ...] = (
    ("server CPU µs", lambda each: each.server_us),
    ("Redis CPU µs", lambda each: each.redis_us),
    ("requests/s", lambda each: each.requests_per_second),
    ("p50 µs", lambda each: each.p50_us),
    ("p99 µs", lambda each: each.p99_us),
    ("p99.9 µs", lambda each: each.p999_us),
)


def report(results: Results, about: Sequence[str]) -> str:
    """The page. Figures are medians of the rounds, in brackets the lowest and the highest."""
    return "\n".join([*_head(about), *_targets(results), *_figures(results)]) + "\n"


def _head(about: Sequence[str]) -> Iterator[str]:
    yield "# The serving plane beside other ways to answer\n"
    yield (
        f"Made by `nox -s bench-serving`. {ENTITIES:,} entities of {FEATURES} features from five pipelines, of which "
        "20 are asked for, of one entity or of a hundred. Client, server and Redis share the machine, and the ways "
        "take turns; so CPU for each request is the figure to trust, and rates say little. The do-nothing handler is "
        "grpc.aio on uvloop with an answer as large, made beforehand. redis-py's has no ages, types or limits.\n"
    )
    yield from (f"- {line}" for line in about)
    yield ""


def _targets(results: Results) -> Iterator[str]:
    busy, batch = Load(64, 1), Load(64, 100)
    beyond = _median(results, busy, OURS) - _median(results, busy, NOTHING)
    whole = _median(results, batch, OURS)
    yield "## Targets\n"
    yield "| target | found | |"
    yield "| --- | --- | --- |"
    yield f"| {busy}: at most 40 µs more than the do-nothing handler | {beyond:.0f} µs | {_verdict(beyond <= 40)} |"
    yield f"| {batch}: at most 1,300 µs | {whole:,.0f} µs | {_verdict(whole <= 1300)} |"
    yield ""


def _figures(results: Results) -> Iterator[str]:
    yield "## Figures\n"
    yield "A request each; medians of the rounds, in brackets the lowest and the highest.\n"
    yield "| load | way | " + " | ".join(name for name, _ in _COLUMNS) + " |"
    yield "| --- | --- |" + " --- |" * len(_COLUMNS)
    for load in LOADS:
        for (measured, way), rounds in results.items():
            if measured == load:
                cells = " | ".join(_cell([figure(each) for each in rounds]) for _, figure in _COLUMNS)
                yield f"| {load} | {way} | {cells} |"


def _cell(values: Sequence[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:,.0f}"
    return f"{statistics.median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})"


def _median(results: Results, load: Load, way: str) -> float:
    return statistics.median(each.server_us for each in results[load, way])


def _verdict(met: bool) -> str:
    return "met" if met else "missed"
