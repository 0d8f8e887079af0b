"""One type for several, by Flink's two sets of rules.

The SQL standard's constructs (CASE, UNION, VALUES, ARRAY[…]) go by Calcite's least restrictive type, newer functions
(COALESCE, GREATEST …) by Flink's own common type. They differ where FLOAT meets DOUBLE or DECIMAL, and where times with
and without a time zone meet.
"""

from __future__ import annotations

from collections.abc import Sequence

from featuremill_codegen.decimals import as_decimal, united
from featuremill_codegen.types import BYTES, DOUBLE, FLOAT, INTEGERS, NULL, STRING, SqlType

Types = Sequence[SqlType | None]


def least_restrictive(types: Types) -> SqlType | None:
    """The type of CASE, UNION, VALUES and collections; None where it isn't certain. NULLs don't count."""
    return _folded(types, calcite=True)


def common(types: Types) -> SqlType | None:
    """The type of COALESCE, IFNULL, GREATEST, LEAST; None where it isn't certain. NULLs don't count."""
    return _folded(types, calcite=False)


def _folded(types: Types, *, calcite: bool) -> SqlType | None:
    if any(each is None for each in types):
        return None
    known = [each for each in types if each is not None and each != NULL]
    result = known[0] if known else None
    for each in known[1:]:
        result = _of_two(result, each, calcite=calcite) if result is not None else None
    return result


def _of_two(left: SqlType, right: SqlType, *, calcite: bool) -> SqlType | None:
    if left == right:
        return left
    if left.is_numeric and right.is_numeric:
        return _number(left, right, calcite=calcite)
    if left.is_text and right.is_text:
        return _varying(left, right, "VARCHAR", STRING)
    if left.is_binary and right.is_binary:
        return _varying(left, right, "VARBINARY", BYTES)
    if left.is_timestamp and right.is_timestamp:
        return _timestamp(left, right, calcite=calcite)
    if left.is_interval and left.root == right.root:
        return left
    if left.root == right.root and left.root in ("ARRAY", "MAP", "MULTISET"):
        pairs = zip(left.parts, right.parts, strict=True)
        parts = [_of_two(one, other, calcite=calcite) for one, other in pairs]
        known = tuple(part for part in parts if part is not None)
        return SqlType(left.root, (), known) if len(known) == len(parts) else None
    return None


def _number(left: SqlType, right: SqlType, *, calcite: bool) -> SqlType | None:
    if left.is_integer and right.is_integer:
        return max(left, right, key=lambda each: INTEGERS.index(each.root))
    floats = [each for each in (left, right) if each in (FLOAT, DOUBLE)]
    if not floats:
        return united(as_decimal(left), as_decimal(right), cut=not calcite)
    if calcite:
        return DOUBLE if "DECIMAL" in (left.root, right.root) else floats[0]
    return DOUBLE if DOUBLE in floats or right.root == "DECIMAL" else FLOAT


def _timestamp(left: SqlType, right: SqlType, *, calcite: bool) -> SqlType:
    """The finer precision. With and without a time zone: the second one's kind for Calcite, where precisions differ."""
    precision = max(left.args, right.args)
    if not calcite:
        return SqlType("TIMESTAMP" if left.root == right.root == "TIMESTAMP" else "TIMESTAMP_LTZ", precision)
    return left if left.args == right.args else SqlType(right.root, precision)


def _varying(left: SqlType, right: SqlType, root: str, longest: SqlType) -> SqlType:
    if longest in (left, right):
        return longest
    return SqlType(root, (max(left.args[0], right.args[0]),))
