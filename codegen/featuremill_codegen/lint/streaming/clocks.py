"""Calls that read the clock, however they are written."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

CLOCKS = frozenset(
    {
        "PROCTIME",
        "NOW",
        "CURRENT_TIMESTAMP",
        "CURRENT_ROW_TIMESTAMP",
        "LOCALTIMESTAMP",
        "LOCALTIME",
        "CURRENT_DATE",
        "CURRENT_TIME",
        "UNIX_TIMESTAMP",
    }
)
_NODES: dict[type[exp.Expr], str] = {
    exp.CurrentTimestamp: "CURRENT_TIMESTAMP",
    exp.CurrentDate: "CURRENT_DATE",
    exp.CurrentTime: "CURRENT_TIME",
}


def clocks_in(tree: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    """The calls below a node that read the clock, by their names in upper case."""
    for node in tree.walk():
        name = clock_name(node)
        if name is not None:
            yield node, name


def clock_name(node: exp.Expr) -> str | None:
    """The clock that a node reads; None where it reads none."""
    if type(node) in _NODES:
        return _NODES[type(node)]
    if isinstance(node, exp.Anonymous):
        name = node.name.upper()
        return name if name in CLOCKS and not (name == "UNIX_TIMESTAMP" and node.expressions) else None
    if isinstance(node, exp.Column) and len(node.parts) == 1 and not node.this.args.get("quoted"):
        name = node.name.upper()
        return name if name in ("LOCALTIMESTAMP", "LOCALTIME", "CURRENT_ROW_TIMESTAMP") else None
    return None
