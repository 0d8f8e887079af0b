"""What no case exercises, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from featuremill_local.coverage.items import Exercised, Item
from featuremill_local.display import counted


def print_text(exercised: Sequence[Exercised], console: Console, *, color: bool) -> None:
    """For each pipeline what is missing at its places, what can't be told and why, and the share."""
    for each in exercised:
        for item in each.items:
            if item.missing and not item.unknown:
                _print_item(item, _sentence(item), console, color=color)
        for item in each.items:
            if item.unknown:
                _print_item(item, f"`{item.text}` is not known: {item.unknown}.", console, color=color)
        for note in each.notes:
            console.print(Text.assemble((f"{each.pipeline}: ", "yellow"), note))
        missing = each.total - each.seen
        words = f"{each.seen} of {each.total} exercised by {counted(each.cases, 'case')} ({each.percent:.1f} %)"
        unknown = sum(bool(item.unknown) for item in each.items)
        words += f", {unknown} not known" if unknown else ""
        console.print(Text.assemble((f"{each.pipeline}: ", "bold"), (words, "green" if missing == 0 else "yellow")))


def _print_item(item: Item, message: str, console: Console, *, color: bool) -> None:
    console.file.write(replace(item.place, message=message).render(color=color) + "\n\n")


def _sentence(item: Item) -> str:
    if item.kind == "predicate":
        return f"`{item.text}` was never {' and never '.join(item.missing)}."
    if item.kind == "branch":
        return f"`{item.text}` was never taken."
    if item.kind == "feature":
        return f"No case expects a value of `{item.text}`."
    return f"No case gives `{item.text}` a value."


def to_json(exercised: Sequence[Exercised]) -> str:
    """All items, the exercised ones among them."""
    return json.dumps(
        {
            "pipelines": [
                {
                    "name": each.pipeline,
                    "cases": each.cases,
                    "exercised": each.seen,
                    "of": each.total,
                    "percent": round(each.percent, 1),
                    "notes": each.notes,
                    "items": [_wire(item) for item in each.items],
                }
                for each in exercised
            ]
        },
        indent=2,
        ensure_ascii=False,
    )


def _wire(item: Item) -> dict[str, object]:
    return {
        "kind": item.kind,
        "path": item.place.path,
        "line": item.place.line,
        "column": item.place.column,
        "text": item.text,
        "outcomes": {outcome: outcome in item.seen for outcome in item.outcomes},
        "unknown": item.unknown or None,
    }
