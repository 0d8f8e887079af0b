"""Spark's functions that answer something else every time they are asked."""

from __future__ import annotations

from sqlglot import exp

_NODES: dict[type[exp.Expr], str] = {
    exp.Rand: "RAND",
    exp.Randn: "RANDN",
    exp.Uuid: "UUID",
    exp.Shuffle: "SHUFFLE",
    exp.CurrentTimestamp: "CURRENT_TIMESTAMP",
    exp.CurrentDate: "CURRENT_DATE",
}
_NAMES = frozenset(
    {
        "NOW",
        "CURDATE",
        "LOCALTIMESTAMP",
        "RANDOM",
        "RANDSTR",
        "UNIFORM",
        "MONOTONICALLY_INCREASING_ID",
        "SPARK_PARTITION_ID",
        "INPUT_FILE_NAME",
    }
)
CLOCKS = frozenset({"CURRENT_TIMESTAMP", "CURRENT_DATE", "NOW", "CURDATE", "LOCALTIMESTAMP", "UNIX_TIMESTAMP"})
"""Those that read the clock."""


def volatile_name(node: exp.Expr) -> str | None:
    """The function that a node calls, where it is one of these."""
    if isinstance(node, exp.StrToUnix):
        return "UNIX_TIMESTAMP" if isinstance(node.this, exp.CurrentTimestamp) else None
    if isinstance(node, exp.CurrentTimestamp) and isinstance(node.parent, exp.StrToUnix):
        return None  # UNIX_TIMESTAMP() itself: sqlglot writes the clock into it
    if isinstance(node, exp.Anonymous):
        return node.name.upper() if node.name.upper() in _NAMES else None
    return _NODES.get(type(node))
