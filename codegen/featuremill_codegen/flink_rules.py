"""Flink's rules: the types of operators and literals, and how names are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from featuremill_codegen import decimals
from featuremill_codegen.decimals import as_decimal
from featuremill_codegen.dialect.json import JsonFunction
from featuremill_codegen.expressions import is_map_constructor
from featuremill_codegen.functions import AGGREGATES, Call, function_type
from featuremill_codegen.rules import TypeOf
from featuremill_codegen.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    INTERVAL_MONTH,
    INTERVAL_SECOND,
    NULL,
    STRING,
    TIMESTAMP_3,
    TIMESTAMP_LTZ_3,
    VARIANT,
    SqlType,
    from_tree,
)
from featuremill_codegen.widening import least_restrictive

_TIME_0 = SqlType("TIME", (0,))
_PREDICATES = (
    exp.Predicate,
    exp.Escape,
    exp.Connector,
    exp.Not,
    exp.Overlaps,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.Boolean,
)
_SAME_AS_INNER = (
    exp.Paren,
    exp.Neg,
    exp.Window,
    exp.Filter,
    exp.IgnoreNulls,
    exp.RespectNulls,
    exp.Ordered,
    exp.Order,
    exp.Any,
    exp.All,
)
_JSON_TYPES = {"JSON_VALUE": STRING, "JSON_QUERY": STRING, "JSON_EXISTS": BOOLEAN, "JSON_ARRAY": STRING}
_MONTHS = ("YEAR", "QUARTER", "MONTH")


class FlinkRules:
    """Types by Flink's planner; names count their case."""

    boolean = BOOLEAN
    groups_by_alias = False
    constants: Mapping[str, SqlType] = {
        "LOCALTIMESTAMP": TIMESTAMP_3,
        "LOCALTIME": _TIME_0,
        "CURRENT_ROW_TIMESTAMP": TIMESTAMP_LTZ_3,
    }

    def normal(self, name: str) -> str:
        return name

    def output_name(self, index: int) -> str:
        return f"EXPR${index}"

    def united(self, types: Sequence[SqlType | None]) -> SqlType | None:
        return least_restrictive(types)

    def is_aggregate(self, node: exp.Expr) -> bool:
        return isinstance(node, exp.AggFunc) or (isinstance(node, exp.Anonymous) and node.name.upper() in AGGREGATES)

    def type_of(self, node: exp.Expr, of: TypeOf, functions: Mapping[str, SqlType | None]) -> SqlType | None:
        if isinstance(node, exp.Literal):
            return _literal(node)
        if isinstance(node, _SAME_AS_INNER):
            return of(node.this)
        if isinstance(node, _PREDICATES):
            return BOOLEAN
        if isinstance(node, exp.Anonymous) and node.name in functions:
            return functions[node.name]
        if isinstance(node, exp.Binary):
            return _operator(node, of(node.this), of(node.expression))
        if isinstance(node, exp.Cast):
            return _cast(node)
        if isinstance(node, exp.Func):
            return _call(node, of)
        return _other(node, of)


def _other(node: exp.Expr, of: TypeOf) -> SqlType | None:
    if isinstance(node, exp.Null):
        return NULL
    if isinstance(node, exp.Interval):
        unit = node.args.get("unit")
        first = unit.this if isinstance(unit, exp.IntervalSpan) else unit
        return INTERVAL_MONTH if first is not None and first.name.upper() in _MONTHS else INTERVAL_SECOND
    if isinstance(node, exp.Distinct):
        return of(node.expressions[0]) if len(node.expressions) == 1 else None
    if isinstance(node, exp.HexString):
        return SqlType("BINARY", (len(node.name) // 2,)) if node.name else None
    if isinstance(node, exp.Bracket):
        return _bracket(node, of)
    if isinstance(node, exp.Tuple):
        return row([of(each) for each in node.expressions])
    return None


def _bracket(node: exp.Bracket, of: TypeOf) -> SqlType | None:
    if is_map_constructor(node):
        key = least_restrictive([of(each) for each in node.expressions[::2]])
        value = least_restrictive([of(each) for each in node.expressions[1::2]])
        return SqlType("MAP", (), (key, value)) if key is not None and value is not None else None
    container = of(node.this)
    if container is None:
        return None
    if container == VARIANT:
        return VARIANT
    return container.parts[-1] if container.root in ("ARRAY", "MAP") else None


def row(types: Sequence[SqlType | None]) -> SqlType | None:
    """ROW(…): its fields have the names of columns without one."""
    known = tuple(each for each in types if each is not None)
    if len(known) != len(types) or NULL in known:
        return None
    return SqlType("ROW", (), known, tuple(f"EXPR${index}" for index in range(len(known))))


def _literal(node: exp.Literal) -> SqlType | None:
    if node.is_string:
        return SqlType("CHAR", (len(node.name),))
    text = node.name.removesuffix(".")  # `5.` is a whole number
    if "e" in text.lower():
        return DOUBLE
    if "." in text:
        return decimals.decimal(len(text) - 1, len(text.partition(".")[2]))  # a leading zero is a digit
    value = int(text)
    return INT if value < 2**31 else BIGINT if value < 2**63 else None


def _cast(node: exp.Cast) -> SqlType | None:
    kind = from_tree(node.to)
    # CAST sets `safe`; TIMESTAMP '…' doesn't, and there the fraction's digits are the precision.
    if kind is not None and "safe" not in node.args and isinstance(node.this, exp.Literal):
        digits = len(node.this.name.partition(".")[2])
        return SqlType(kind.root, (digits,)) if kind.root in ("TIMESTAMP", "TIME") else kind
    return kind


def _operator(node: exp.Binary, left: SqlType | None, right: SqlType | None) -> SqlType | None:
    if isinstance(node, exp.Dot):
        return field_of(left, node.expression.name)
    if left is None or right is None:
        return None
    if isinstance(node, exp.DPipe):
        return _concatenated(left, right)
    if left.is_interval or right.is_interval:
        return _with_interval(node, left, right)
    if not (left.is_numeric and right.is_numeric):
        return None
    both = least_restrictive([left, right])
    if "DECIMAL" not in (left.root, right.root) or both == DOUBLE:
        return right if isinstance(node, exp.Mod) else both
    return _decimal_operator(node, left, right)


def _decimal_operator(node: exp.Binary, left: SqlType, right: SqlType) -> SqlType | None:
    one, other = as_decimal(left), as_decimal(right)
    if isinstance(node, exp.Add | exp.Sub):
        return decimals.added(one, other)
    if isinstance(node, exp.Mul):
        return decimals.multiplied(one, other)
    if isinstance(node, exp.Div):
        return decimals.divided(one, other)
    if isinstance(node, exp.Mod):
        return right if one.args[1] == other.args[1] == 0 else decimals.remainder(one, other)
    return None


def _with_interval(node: exp.Binary, left: SqlType, right: SqlType) -> SqlType | None:
    moved, interval = (right, left) if left.is_interval else (left, right)
    if isinstance(node, exp.Add | exp.Sub) and moved.is_interval:
        return left if left == right else None
    if isinstance(node, exp.Mul) and moved.is_numeric:
        return interval
    if isinstance(node, exp.Add | exp.Sub) and (moved.is_timestamp or moved.root in ("DATE", "TIME")):
        return moved
    return None


def _concatenated(left: SqlType, right: SqlType) -> SqlType | None:
    if not (left.is_text and right.is_text):
        return None
    if STRING in (left, right):
        return STRING
    root = "CHAR" if left.root == right.root == "CHAR" else "VARCHAR"
    return SqlType(root, (left.args[0] + right.args[0],))


def field_of(row: SqlType | None, name: str) -> SqlType | None:
    """The type of a row's field."""
    if row is None or name not in row.names:
        return None
    return row.parts[row.names.index(name)]


def _call(node: exp.Func, of: TypeOf) -> SqlType | None:
    if isinstance(node, JsonFunction):
        returning = node.args.get("returning")
        return from_tree(returning) if returning is not None else _JSON_TYPES.get(node.this)
    if isinstance(node, exp.Case):
        branches = [of(branch) for branch in node.args["ifs"]]
        default = node.args.get("default")
        return least_restrictive([*branches, of(default) if default is not None else NULL])
    if isinstance(node, exp.If):
        return of(node.args["true"])
    if isinstance(node, exp.Array):
        element = least_restrictive([of(each) for each in node.expressions])
        return SqlType("ARRAY", (), (element,)) if element is not None else None
    if isinstance(node, exp.Floor | exp.Ceil) and node.args.get("to"):
        return of(node.this)
    if isinstance(node, exp.JSONObject | exp.JSONArray):
        return STRING
    if isinstance(node, exp.JSONObjectAgg | exp.JSONArrayAgg):
        return SqlType("VARCHAR", (2000,))
    if isinstance(node, exp.CurrentTime):
        return _TIME_0
    if isinstance(node, exp.CurrentDate):
        return DATE
    if isinstance(node, exp.CurrentTimestamp):
        return TIMESTAMP_LTZ_3
    if isinstance(node, exp.Anonymous):
        if node.name.upper() == "ROW":
            return row([of(each) for each in node.expressions])
        return function_type(node.name, Call(tuple(node.expressions), tuple(map(of, node.expressions))))
    arguments = _arguments(node)
    return function_type(node.sql_name(), Call(arguments, tuple(map(of, arguments))))


def _arguments(node: exp.Func) -> tuple[exp.Expr, ...]:
    parts = [node.args.get("this"), node.args.get("expression"), *node.expressions]
    return tuple(each for each in parts if isinstance(each, exp.Expr))
