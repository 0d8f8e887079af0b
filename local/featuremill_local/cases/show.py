"""How a case that failed is shown: a table of what differs, and the source rows behind it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from featuremill_codegen.pipeline import Pipeline
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from featuremill_local.cases.difference import NO_FEATURE, NO_ROW, Difference
from featuremill_local.cases.letters import DeadLetter
from featuremill_local.cases.reading import Case
from featuremill_local.cases.touching import lines_of

MOST_KEYS = 10
MOST_LINES = 12


def show_differences(
    pipeline: Pipeline,
    case: Case,
    title: str,
    differences: Sequence[Difference],
    console: Console,
    columns: tuple[str, str] = ("expected", "actual"),
) -> None:
    """Print the table, by entity key and feature; then the rows that touched each key.

    `columns` name what the differences call expected and actual.
    """
    by_key = {
        key: list(group) for key, group in groupby(sorted(differences, key=_place), key=lambda each: each.entity_key)
    }
    with_rows = any(each.where for each in differences)
    table = Table(title=title, title_justify="left", title_style="bold", box=box.ROUNDED)
    for column in ("entity key", *(["row"] if with_rows else []), "feature"):
        table.add_column(column, overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", overflow="fold")
    for key in list(by_key)[:MOST_KEYS]:
        for number, each in enumerate(by_key[key]):
            place = [Text(each.where.removeprefix("row "))] if with_rows else []
            name = Text(key if number == 0 else "", "bold")
            table.add_row(name, *place, Text(each.feature), _value(each.expected, "green"), _value(each.actual, "red"))
        table.add_section()
    console.print(table)
    if len(by_key) > MOST_KEYS:
        console.print(Text(f"... and {len(by_key) - MOST_KEYS} more keys", "dim"))
    for key in list(by_key)[:MOST_KEYS]:
        _show_lines(pipeline, case, key, console)


def show_letters(title: str, missing: Sequence[DeadLetter], unexpected: Sequence[DeadLetter], console: Console) -> None:
    """Print the dead letters that did not come, and those that nothing expects."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.ROUNDED)
    table.add_column("dead letter", overflow="fold")
    table.add_column("expected")
    table.add_column("actual")
    for letters, style, words in ((missing, "green", ("yes", "did not come")), (unexpected, "red", ("no", "came"))):
        for letter in letters[:MOST_KEYS]:
            table.add_row(Text(str(letter), style), *words)
    console.print(table)
    left = sum(max(0, len(each) - MOST_KEYS) for each in (missing, unexpected))
    if left:
        console.print(Text(f"... and {left} more dead letters", "dim"))
    if unexpected:
        console.print("help: a dead letter that is meant stands in expected.dead_letters.jsonl; -- --update writes it")


def _show_lines(pipeline: Pipeline, case: Case, key: str, console: Console) -> None:
    found = lines_of(pipeline, case, key)
    if not found:
        console.print(Text(f"no source row can be told by its columns to be of {key}", "dim"))
        return
    console.print(Text.assemble("source rows of ", (key, "bold")))
    for file, line in found[:MOST_LINES]:
        console.print(Text.assemble((f"  {file}:{line.number}  ", "dim"), line.text.strip()))
    if len(found) > MOST_LINES:
        console.print(Text(f"  ... and {len(found) - MOST_LINES} more", "dim"))


def _place(difference: Difference) -> str:
    return difference.entity_key


def _value(text: str | None, style: str) -> Text:
    if text is None:
        return Text("null", f"italic {style}")
    return Text(text, "dim" if text in (NO_ROW, NO_FEATURE) else style)
