"""Hive's types in the words of Flink's, so that a batch and its twin on the stream compare.

STRUCT is a ROW; Spark's TIMESTAMP is an instant in microseconds, so a TIMESTAMP_LTZ(6); TIMESTAMP_NTZ has no zone.
"""

from __future__ import annotations

from sqlglot import exp

from featuremill_codegen import types
from featuremill_codegen.types import SqlType

TIMESTAMP = SqlType("TIMESTAMP_LTZ", (6,))
TIMESTAMP_NTZ = SqlType("TIMESTAMP", (6,))
_INSTANTS = (exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPLTZ, exp.DType.DATETIME)


def from_tree(tree: exp.Expr | None) -> SqlType | None:
    """The type that a tree of the Hive or Spark dialect names; None for what isn't one."""
    if not isinstance(tree, exp.DataType):
        return None
    if tree.this in _INSTANTS:
        return TIMESTAMP
    if tree.this == exp.DType.TIMESTAMPNTZ:
        return TIMESTAMP_NTZ
    if tree.this in (exp.DType.ARRAY, exp.DType.MAP):
        parts = tuple(part for part in map(from_tree, tree.expressions) if part is not None)
        wanted = 1 if tree.this == exp.DType.ARRAY else 2
        return SqlType("ARRAY" if wanted == 1 else "MAP", (), parts) if len(parts) == wanted else None
    if tree.this == exp.DType.STRUCT:
        kinds = [from_tree(each.args.get("kind")) for each in tree.expressions]
        known = tuple(each for each in kinds if each is not None)
        names = tuple(each.name.lower() for each in tree.expressions)
        return SqlType("ROW", (), known, names) if known and len(known) == len(kinds) else None
    if tree.this == exp.DType.BINARY and not tree.expressions:
        return types.BYTES
    return types.from_tree(tree)
