"""The lineage as a graph for Graphviz: solid edges carry values, dashed ones decide over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from featuremill_codegen.lineage.entries import Entry


def write_dot(entries: Sequence[Entry], stream: TextIO) -> None:
    """Write a digraph from `table.column` to `pipeline.column`."""
    stream.write("digraph lineage {\n  rankdir=LR;\n  node [shape=box];\n")
    for source in sorted({source for entry in entries for source in entry.sources}):
        stream.write(f"  {_quoted(source)} [style=rounded];\n")
    for entry in entries:
        name = f"{entry.pipeline.name}.{entry.name}"
        stream.write(f"  {_quoted(name)} [label={_quoted(f'{name} {entry.type}')}];\n")
        for each in entry.lineage.inputs:
            source = f"{each.origin.table}.{each.origin.column}"
            style = "solid" if each.is_direct else "dashed"
            label = ", ".join(each.ways)
            stream.write(f"  {_quoted(source)} -> {_quoted(name)} [style={style}, label={_quoted(label)}];\n")
    stream.write("}\n")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
