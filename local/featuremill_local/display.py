"""What a local run prints at its end: the table of features and the line of counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from featuremill_local.serving_process import Answer

WIDEST = 10_000
STATUS_STYLES = {"PRESENT": "green", "STALE": "yellow", "DEFAULTED": "cyan", "MISSING": "dim", "UNKNOWN_FEATURE": "red"}


def feature_table(
    answers: Sequence[Answer], features: Sequence[str], now: datetime, title: str, console: Console
) -> Table:
    """The values as the service gave them, when they were true, and how fresh they are.

    One line for each entity where that fits the console's width, else one for each of its features.
    """
    wide = _table(title, ["entity", *features, "event time (UTC)", "freshness"], right=range(1, len(features) + 1))
    for answer in answers:
        wide.add_row(Text(answer.entity), *_values(answer), *_times(answer, now))
    if console.measure(wide, options=console.options.update_width(WIDEST)).maximum <= console.width:
        return wide
    long = _table(title, ["entity, event time (UTC), freshness", "feature", "value"], right=[2])
    for answer in answers:
        heading = Text("\n").join([Text(answer.entity, "bold"), *_times(answer, now)])
        long.add_row(heading, Text("\n".join(features)), Text("\n").join(_values(answer)))
        long.add_section()
    return long


def _table(title: str, columns: Sequence[str], right: Container[int]) -> Table:
    table = Table(title=title or None, title_justify="left", title_style="bold", box=box.ROUNDED)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number in right else "left", overflow="fold")
    return table


def _values(answer: Answer) -> list[Text]:
    return [
        Text(value) if status in ("PRESENT", "STALE", "DEFAULTED") else Text(status.lower(), "dim")
        for value, status in zip(answer.values, answer.statuses, strict=True)
    ]


def _times(answer: Answer, now: datetime) -> tuple[Text, Text]:
    milliseconds = max(answer.event_times_ms, default=0)
    return Text(_moment(milliseconds)), _freshness(answer.statuses, milliseconds, now)


def _moment(milliseconds: int) -> str:
    if milliseconds == 0:
        return "unknown"
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _freshness(statuses: Sequence[str], milliseconds: int, now: datetime) -> Text:
    present = [status for status in statuses if status != "MISSING"]
    status = Counter(present).most_common(1)[0][0] if present else "MISSING"
    if milliseconds == 0:
        return Text(status, STATUS_STYLES.get(status, ""))
    age = now - datetime.fromtimestamp(milliseconds / 1000, UTC)
    return Text(f"{status}, {age_text(age)} old", STATUS_STYLES.get(status, ""))


def age_text(age: timedelta) -> str:
    """An age in its two largest units: `1 d 4 h`, `12 min 5 s`, `0 s`."""
    seconds = max(int(age.total_seconds()), 0)
    parts = [
        (seconds // 86400, "d"),
        (seconds // 3600 % 24, "h"),
        (seconds // 60 % 60, "min"),
        (seconds % 60, "s"),
    ]
    while len(parts) > 1 and parts[0][0] == 0:
        parts.pop(0)
    return " ".join(f"{number} {unit}" for number, unit in parts[:2] if number or unit == "s" or len(parts) == 1)


def load_table(loads: Sequence[tuple[str, Mapping[str, Any]]]) -> Table:
    """What became of the rows of each part of the feature source; the reports are those of its verification."""
    table = _table("", ["loaded", "rows", "written", "guarded", "rejected", "missing", "compared"], range(1, 7))
    for name, report in loads:
        counts = [report[each] for each in ("rows", "written", "guarded")]
        counts += [sum(report["rejected"].values()), report["missing"], report["compared"]]
        table.add_row(Text(name), *(Text(f"{count:,}") for count in counts))
    return table


def counts_line(rows: str, letters: Sequence[dict[str, Any]]) -> Text:
    """`2,677 rows in, 1,032 feature rows of 3 entities, 2 dead letters (source/unreadable 2)`; `rows` is its begin."""
    line = Text(f"{rows}, ")
    if not letters:
        return line.append("no dead letters")
    kinds = Counter(f"{letter.get('stage')}/{letter.get('reason')}" for letter in letters)
    line.append(counted(len(letters), "dead letter"), "bold yellow")
    return line.append(" (" + ", ".join(f"{kind} {count:,}" for kind, count in sorted(kinds.items())) + ")")


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 row`, `2,677 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def print_dead_letters(
    console: Console, letters: Sequence[dict[str, Any]], most: int, more: str = "-- --most N shows more"
) -> None:
    """The dead letters, newest last, with the bytes of each as text where they are text; at most so many.

    `more` tells how a person sees the others.
    """
    import base64

    for letter in letters[-most:]:
        origin = letter.get("origin") or {}
        place = " ".join(
            f"{name} {origin[name]}"
            for name in ("table", "topic", "partition", "offset")
            if origin.get(name) is not None
        )
        console.print(
            Text.assemble(
                (f"{letter.get('stage')}/{letter.get('reason')}", "bold yellow"),
                f"  {letter.get('pipeline') or 'unknown pipeline'}  {place}  {letter.get('at')}",
            )
        )
        console.print(Text(f"  {letter.get('message')}"))
        value = letter.get("value_base64")
        if value is not None:
            console.print(Text(f"  {base64.b64decode(value).decode(errors='backslashreplace')}", "dim"))
    if len(letters) > most:
        console.print(Text(f"... and {len(letters) - most:,} earlier ones ({more})", "dim"))
