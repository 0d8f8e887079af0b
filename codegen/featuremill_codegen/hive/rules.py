"""Spark's rules for HiveQL: the types of operators and literals; names don't count their case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from featuremill_codegen import decimals
from featuremill_codegen.hive.functions import function_type, widest
from featuremill_codegen.hive.types import from_tree
from featuremill_codegen.rules import TypeOf
from featuremill_codegen.types import BIGINT, BOOLEAN, DOUBLE, FLOAT, INT, NULL, STRING, SqlType

_PREDICATES = (exp.Predicate, exp.Connector, exp.Not, exp.Escape, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Boolean)
_SAME_AS_INNER = (exp.Paren, exp.Neg, exp.Window, exp.Filter, exp.IgnoreNulls, exp.RespectNulls, exp.Ordered, exp.Order)
_DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INT": 10, "BIGINT": 20}
"""Of a whole number that meets a DECIMAL: Spark's own."""
_NOT_AGGREGATES = (exp.Lag, exp.Lead)


class HiveRules:
    """Types by Spark's analyser."""

    boolean = BOOLEAN
    groups_by_alias = True
    constants: Mapping[str, SqlType] = {}

    def normal(self, name: str) -> str:
        return name.lower()

    def output_name(self, index: int) -> str:
        return f"_c{index}"

    def united(self, types: Sequence[SqlType | None]) -> SqlType | None:
        return widest(types)

    def is_aggregate(self, node: exp.Expr) -> bool:
        return isinstance(node, exp.AggFunc) and not isinstance(node, _NOT_AGGREGATES)

    def type_of(self, node: exp.Expr, of: TypeOf, functions: Mapping[str, SqlType | None]) -> SqlType | None:
        if isinstance(node, exp.Literal):
            return _literal(node)
        if isinstance(node, exp.Null):
            return NULL
        if isinstance(node, _SAME_AS_INNER):
            return of(node.this)
        if isinstance(node, exp.PropertyEQ):
            return of(node.expression)
        if isinstance(node, _PREDICATES):
            return BOOLEAN
        if isinstance(node, exp.Distinct):
            return of(node.expressions[0]) if len(node.expressions) == 1 else None
        if isinstance(node, exp.Bracket):
            return function_type("ELEMENT_AT", [of(node.this)])
        if isinstance(node, exp.Binary):
            return _operator(node, of(node.this), of(node.expression))
        if isinstance(node, exp.Cast):
            return from_tree(node.to)
        if isinstance(node, exp.Anonymous) and self.normal(node.name) in functions:
            return functions[self.normal(node.name)]
        return _call(node, of) if isinstance(node, exp.Func) else None


def _literal(node: exp.Literal) -> SqlType | None:
    text = node.name
    if node.is_string:
        return STRING
    if "e" in text.lower():
        return DOUBLE
    if "." in text:
        whole, _, fraction = text.partition(".")
        digits = len((whole + fraction).lstrip("0"))
        return decimals.decimal(max(digits, len(fraction), 1), len(fraction))
    value = int(text)
    return INT if value < 2**31 else BIGINT if value < 2**63 else None


def _operator(node: exp.Binary, left: SqlType | None, right: SqlType | None) -> SqlType | None:
    if isinstance(node, exp.Dot):
        name = node.expression.name.lower()
        return left.parts[left.names.index(name)] if left is not None and name in left.names else None
    if isinstance(node, exp.DPipe):
        return STRING
    if left is None or right is None or not (left.is_numeric and right.is_numeric):
        return None
    if isinstance(node, exp.IntDiv):
        return BIGINT
    if "DECIMAL" in (left.root, right.root):
        return _with_decimal(node, left, right)
    if isinstance(node, exp.Div):
        return DOUBLE
    return widest([left, right]) if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Mod) else None


def _with_decimal(node: exp.Binary, left: SqlType, right: SqlType) -> SqlType | None:
    """A whole number is a DECIMAL of its type's digits; of a literal's own digits nothing is said here."""
    if DOUBLE in (left, right) or FLOAT in (left, right):
        return DOUBLE
    if any(
        isinstance(part, exp.Literal) and kind.is_integer
        for part, kind in ((node.this, left), (node.expression, right))
    ):
        return None
    left, right = (decimals.decimal(_DIGITS[each.root], 0) if each.is_integer else each for each in (left, right))
    if isinstance(node, exp.Add | exp.Sub):
        return decimals.added(left, right)
    if isinstance(node, exp.Mul):
        return decimals.multiplied(left, right)
    return decimals.divided(left, right) if isinstance(node, exp.Div) else None


def _call(node: exp.Func, of: TypeOf) -> SqlType | None:
    if isinstance(node, exp.Case):
        default = node.args.get("default")
        return widest([*map(of, node.args["ifs"]), of(default) if default is not None else NULL])
    if isinstance(node, exp.If):
        branches = [node.args["true"], node.args.get("false")]
        return widest([of(each) if each is not None else NULL for each in branches])
    if isinstance(node, exp.Array):
        element = widest([of(each) for each in node.expressions])
        return SqlType("ARRAY", (), (element,)) if element is not None else None
    if isinstance(node, exp.VarMap | exp.Map):
        parts = [of(each).parts[0] for each in (node.args["keys"], node.args["values"]) if of(each) is not None]  # type: ignore[union-attr]
        return SqlType("MAP", (), tuple(parts)) if len(parts) == 2 else None
    if isinstance(node, exp.Struct):
        kinds = [of(each) for each in node.expressions]
        names = tuple(each.name.lower() for each in node.expressions)
        known = tuple(each for each in kinds if each is not None)
        return SqlType("ROW", (), known, names) if known and len(known) == len(kinds) else None
    if isinstance(node, exp.ApproxQuantile):
        return of(node.this) if isinstance(node.args.get("quantile"), exp.Literal) else None
    if isinstance(node, exp.Round):
        return function_type("ROUND", [of(node.this)])
    parts = [node.args.get("this"), *node.expressions]
    types = [of(each) for each in parts if isinstance(each, exp.Expr)]
    return function_type(node.name if isinstance(node, exp.Anonymous) else node.sql_name(), types)
