"""A run's results as Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.batch.results import Results
from benchmarks.batch.targets import verdicts
from benchmarks.program import partial, table
from benchmarks.sinks.figures import Summary
from benchmarks.sinks.report import HEAD, count, figures


@dataclass(frozen=True)
class Setting:
    """Where and with what a run was made: label → text; and why it is not whole, if it isn't."""

    lines: dict[str, str]
    rounds: int
    ended_early: str | None = None


def report(results: Results, setting: Setting) -> str:
    """The page. Figures are `median (lowest–highest)` over the rounds."""
    found = [[verdict.target, verdict.found, verdict.word] for verdict in verdicts(results)]
    parts = [
        "# What batches cost",
        f"Made by `nox -s bench-batch`. Figures are medians of {count(setting.rounds, 'round')}, in brackets the"
        " lowest and the highest. CPU says more than seconds where the machine does something else, too.",
        *partial(setting.ended_early, ""),
        "\n".join(f"- {label}: {text}" for label, text in setting.lines.items()),
        "## Targets",
        table(["target", "found", ""], found),
        *_ingestion(results),
        *_queries(results),
        *_daily(results),
    ]
    return "\n\n".join(parts) + "\n"


def _ingestion(results: Results) -> list[str]:
    if not results.ingestion.measured:
        return []
    parts = [
        "## Parquet to Redis",
        "Rows of 15 features (15-character names, 10-character values), each with its own key, a time to live of seven"
        " days, and the guard. The limit is a client that does nothing but send the sink's commands; the blackhole is"
        " the same job with a sink that drops rows; ours is the bounded ingestion job itself. CPU is the TaskManager's"
        " and Redis' for each row; the sink's own is Flink's less the blackhole's. After each, Redis must hold every"
        " row.",
        table(HEAD, [figures(results.ingestion, variant) for variant in results.ingestion.measured]),
    ]
    whole = results.whole
    if whole is not None:
        parts.append(
            f"One job over all {whole.rows:,} rows took {whole.seconds:.0f} s: {whole.rate:,.0f} rows/s,"
            f" {whole.flink_us:.1f} µs of Flink's and {whole.redis_us:.1f} µs of Redis' CPU for each."
        )
    return parts


def _queries(results: Results) -> list[str]:
    if not results.queries:
        return []
    rows = []
    for size, queries in sorted(results.queries.items()):
        per_row, ratio = results.per_row(size), results.ratio(size)
        rows.append(
            [
                f"{size:,}",
                Summary.of([each.seconds for each in queries]).text(".1f"),
                Summary.of([each.cpu for each in queries]).text(".1f"),
                "" if per_row is None else f"{per_row:.2f}",
                "" if ratio is None else f"{ratio:.2f}",
            ]
        )
    return [
        "## HiveQL to Parquet",
        "A day of `carrier_daily_quality` on Spark, whose windows reach over 28 days of flights as text files; each in"
        " a process of its own. The fewest flights show what a day costs beside its rows, Spark's start with it. The"
        " CPU is for each flight that there are more than in the line above; the ratio is to that of the line above.",
        table(["flights", "seconds of the day", "CPU s of the process", "CPU µs/flight more", "ratio"], rows),
    ]


def _daily(results: Results) -> list[str]:
    if not results.daily:
        return []

    def text(values: list[float], form: str) -> str:
        return Summary.of(values).text(form)

    daily = results.daily
    share = text([each.start / each.whole for each in daily], ".0%")
    own = text([each.start / each.spark for each in daily], ".0%")
    return [
        "## A daily run",
        "`nox -s local-carrier_daily_quality` for one day, everything warm: Redis, Kafka and Flink start while Spark"
        " does, and take its cores.",
        table(
            ["seconds in all", "Spark's process", "of that the day itself", "Spark's start, tables and end"],
            [
                [
                    text([each.whole for each in daily], ".1f"),
                    text([each.spark for each in daily], ".1f"),
                    text([each.day for each in daily], ".1f"),
                    text([each.start for each in daily], ".1f"),
                ]
            ],
        ),
        f"So {own} of Spark's time goes into its start, its tables and its end, and {share} of the whole run waits for"
        " them.",
    ]
