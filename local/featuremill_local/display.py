"""What a local run prints at its end: the table of features and the line of counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from featuremill_local.serving_process import Answer

STATUS_STYLES = {"PRESENT": "green", "STALE": "yellow", "DEFAULTED": "cyan", "MISSING": "dim", "UNKNOWN_FEATURE": "red"}


def feature_table(answers: Sequence[Answer], features: Sequence[str], now: datetime, title: str) -> Table:
    """A row for each entity: the values as the service gave them, when they were true, and how fresh they are."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("entity", no_wrap=True)
    for feature in features:
        table.add_column(feature, justify="right", overflow="fold")
    table.add_column("event time (UTC)", no_wrap=True)
    table.add_column("freshness", no_wrap=True)
    for answer in answers:
        values = [
            Text(value) if status in ("PRESENT", "STALE", "DEFAULTED") else Text(status.lower(), "dim")
            for value, status in zip(answer.values, answer.statuses, strict=True)
        ]
        time = max(answer.event_times_ms, default=0)
        table.add_row(Text(answer.entity), *values, Text(_moment(time)), _freshness(answer.statuses, time, now))
    return table


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


def counts_line(rows_in: int, feature_rows: int, entities: int, letters: Sequence[dict[str, Any]]) -> Text:
    """`2,677 rows in, 1,032 feature rows of 3 entities, 2 dead letters (source/unreadable 2)`."""
    line = Text(f"{rows_in:,} rows in, {feature_rows:,} feature rows of {entities:,} entities, ")
    if not letters:
        return line.append("no dead letters")
    kinds = Counter(f"{letter.get('stage')}/{letter.get('reason')}" for letter in letters)
    line.append(f"{len(letters):,} dead letter{'s' if len(letters) > 1 else ''}", "bold yellow")
    return line.append(" (" + ", ".join(f"{kind} {count:,}" for kind, count in sorted(kinds.items())) + ")")


def print_dead_letters(console: Console, letters: Sequence[dict[str, Any]], most: int) -> None:
    """The dead letters, newest last, with the bytes of each as text where they are text."""
    import base64

    for letter in letters[-most:]:
        origin = letter.get("origin") or {}
        place = " ".join(
            f"{name} {origin[name]}" for name in ("table", "topic", "partition", "offset") if origin.get(name) is not None
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
        console.print(Text(f"... and {len(letters) - most:,} earlier ones (-- --most N shows more)", "dim"))
