"""A run's results as Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.program import partial, table
from benchmarks.sinks.measure import Measurement
from benchmarks.sinks.results import Results, find
from benchmarks.sinks.streaming import RATE
from benchmarks.sinks.targets import verdicts
from benchmarks.sinks.variants import LIMITS, OURS, Variant, Way

HEAD = ["way", "rows a round", "rows/s", "Flink µs/row", "sink's own µs/row", "Redis µs/row", "client or proxy µs/row"]


@dataclass(frozen=True)
class Setting:
    """Where and with what a run was made: label → text; and why it is not whole, if it isn't."""

    lines: dict[str, str]
    rounds: int
    rows: int
    ended_early: str | None = None


def report(results: Results, setting: Setting) -> str:
    """The page. Figures are `median (lowest–highest)` over the rounds."""
    parts = [
        "# The Redis sink beside other ways to write",
        "Made by `nox -s bench-sinks`. Rows of 15 features (15-character names, 10-character values) from Parquet, each"
        " with its own key, a time to live of seven days. Every way has the same source, plan and dead letters as the"
        " batch ingestion job; after each, Redis must hold every row.",
        *partial(setting.ended_early, ", and some ways may have one round more than others"),
        "\n".join(f"- {label}: {text}" for label, text in setting.lines.items()),
        "## Targets",
        table(
            ["target", "found", ""],
            [[verdict.target, verdict.found, verdict.word] for verdict in verdicts(results)],
        ),
        "## Figures",
        f"{setting.rows:,} rows lie in {count(setting.rounds, 'part')}; a round writes one part, way after way, and"
        " begins anew with the next. Figures are medians of the rounds, in brackets the lowest and the highest. Slow"
        " ways get fewer of a part's rows, and the time of a run starts with its first task. CPU is the TaskManager's"
        " and Redis' for each row; the sink's own is Flink's less what the job with the blackhole took in the same"
        " round, and is left out where the rows are too few.",
        table(HEAD, [figures(results, variant) for variant in results.measured]),
        *gains(results),
        *memory(results),
        *streaming(results),
    ]
    return "\n\n".join(parts) + "\n"


def figures(results: Results, variant: Variant) -> list[str]:
    """A variant's row of the table."""
    rows = results.measured[variant][0].rows

    def text(figure: str) -> str:
        return results.summary(variant, lambda each: getattr(each, figure)).text(".1f")

    def other(each: Measurement) -> float:
        return each.other_cpu / each.rows * 1e6

    in_flink = results.tells_cpu(variant)
    of_a_sink = in_flink and variant.way is not Way.BLACKHOLE
    return [
        variant.title,
        f"{rows:,}",
        results.summary(variant, lambda each: each.rate).text(",.0f"),
        text("flink_us") if in_flink else "",
        results.own_cpu(variant).text(".1f") if of_a_sink else "",
        "" if variant.way is Way.BLACKHOLE else text("redis_us"),
        results.summary(variant, other).text(".1f") if variant.way in LIMITS or variant.delayed else "",
    ]


def gains(results: Results) -> list[str]:
    """What a delay does to each way, and what pipelines gain."""
    direct, through = results.pings
    slow = find(Way.HSET_PER_ROW, delayed=True)
    lines = [f"- a PING takes {direct:.2f} ms, and {through:.2f} ms through the proxy"]
    for way in (Way.HSET_PER_ROW, Way.ASYNC_SINK_BASE, *OURS):
        delayed = find(way, delayed=True)
        if results.has(delayed):
            kept = results.share_of_speed(delayed, find(way))
            gain = results.share_of_speed(delayed, slow)
            lines.append(
                f"- {way.value}: with the delay {kept.text('.0%')} of its speed without"
                + ("" if way is Way.HSET_PER_ROW else f", {gain.median:.0f} times one HSET per row")
            )
    return ["## What a slow network does", "\n".join(lines)]


def memory(results: Results) -> list[str]:
    """The memory's part."""
    growth = results.growth
    if growth is None:
        return []
    return [
        "## Memory",
        f"The TaskManager while a job writes {growth.rows:,} rows with the guard in {growth.seconds:.0f} s, made"
        " to collect all its garbage every two seconds. The figures among the targets are medians of the job's first"
        " and last third.",
    ]


def streaming(results: Results) -> list[str]:
    """The latency's part."""
    latency = results.latency
    if latency is None:
        return []
    return [
        "## From Kafka to a reader",
        f"The streaming ingestion job with its default options, {latency.rate:,.0f} rows/s (wanted: {RATE:,}). Of"
        f" {latency.rows:,} rows a reader that looked every {latency.look_ms:.1f} ms saw all but {latency.unseen}:",
        table(
            ["p50", "p99", "p99.9", "longest", "Flink µs/row", "Redis µs/row"],
            [
                [
                    *(f"{ms:.0f} ms" for ms in (latency.p50, latency.p99, latency.p999, latency.longest)),
                    f"{latency.flink_us:.1f}",
                    f"{latency.redis_us:.1f}",
                ]
            ],
        ),
        "Redis' share includes the reader's.",
    ]


def count(number: int, thing: str) -> str:
    """`1 part`, `3 parts`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
