"""The lineage for people: a tree of columns and what reaches them, or a table of source columns and what they reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from featuremill_codegen.column_lineage import Input
from featuremill_codegen.lineage.entries import Entry

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_WIDTH_OF_A_FILE = 200
"""In characters: lines that no terminal shows are not broken for one."""


def write_tree(entries: Sequence[Entry], stream: TextIO) -> None:
    """Write each pipeline's columns, and under each what reaches it: values first, then what decides over rows."""
    from rich.text import Text
    from rich.tree import Tree

    console = _console(stream)
    for name in dict.fromkeys(entry.pipeline.name for entry in entries):
        tree = Tree(Text(name, style="bold"))
        for entry in entries:
            if entry.pipeline.name != name:
                continue
            role = "" if entry.role == "feature" else f"  ({entry.role.replace('_', ' ')})"
            label = Text.assemble((entry.name, "bold cyan"), f" {entry.type}{role}  ", (entry.place, "dim"))
            branch = tree.add(label)
            for found in sorted(entry.lineage.inputs, key=lambda each: not each.is_direct):
                branch.add(_line(found))
            for function in entry.lineage.functions:
                branch.add(Text.assemble((f"{function}()", "magenta"), "  Python function"))
            if not entry.lineage.inputs:
                branch.add(Text("no source column", style="dim"))
        console.print(tree)


def _line(found: Input) -> Text:
    from rich.text import Text

    ways = ", ".join(way.value for way in found.ways)
    style = "green" if found.is_direct else "yellow"
    return Text.assemble((f"{found.origin.table}.{found.origin.column}", style), f"  {ways}")


def write_by_source(entries: Sequence[Entry], stream: TextIO, source: str | None = None) -> None:
    """Write each source column (or this one) with the columns that it reaches, and how."""
    from rich.table import Table
    from rich.text import Text

    table = Table("source column", "reaches", "how", "where", header_style="bold")
    for name in sorted({each for entry in entries for each in entry.sources} if source is None else {source}):
        first = True
        for entry, found in _reached(entries, name):
            ways = ", ".join(way.value for way in found.ways)
            style = "green" if found.is_direct else "yellow"
            reached = f"{entry.pipeline.name}.{entry.name}"
            table.add_row(Text(name if first else ""), Text(reached), Text(ways, style=style), Text(entry.place))
            first = False
        table.add_section()
    _console(stream).print(table)


def _reached(entries: Sequence[Entry], source: str) -> list[tuple[Entry, Input]]:
    """The columns that a source column reaches, those that take its values first."""
    found = [
        (entry, each)
        for entry in entries
        for each in entry.lineage.inputs
        if f"{each.origin.table}.{each.origin.column}" == source
    ]
    return sorted(found, key=lambda pair: not pair[1].is_direct)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    return Console(file=stream, width=None if stream.isatty() else _WIDTH_OF_A_FILE, highlight=False)
