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
from featuremill_local.cases.reading import Case
from featuremill_local.cases.touching import lines_of

MOST_KEYS = 10
MOST_LINES = 12


def show_differences(
    pipeline: Pipeline, case: Case, title: str, differences: Sequence[Difference], console: Console
) -> None:
    """Print the table, expected against actual, by entity key and feature; then the rows that touched each key."""
    by_key = {
        key: list(group) for key, group in groupby(sorted(differences, key=_place), key=lambda each: each.entity_key)
    }
    with_rows = any(each.where for each in differences)
    table = Table(title=title, title_justify="left", title_style="bold", box=box.ROUNDED)
    for column in ("entity key", *(["row"] if with_rows else []), "feature", "expected", "actual"):
        table.add_column(column, justify="right" if column in ("expected", "actual") else "left", overflow="fold")
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
