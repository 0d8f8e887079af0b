"""The type of an expression where it is certain, and the source columns that it is made from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from featuremill_codegen.dialect.json import JsonFunction
from featuremill_codegen.functions import function_type
from featuremill_codegen.relations import Column, Origin
from featuremill_codegen.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    NULL,
    STRING,
    TIMESTAMP_3,
    TIMESTAMP_LTZ_3,
    SqlType,
    arithmetic,
    common,
    from_tree,
)

if TYPE_CHECKING:
    from featuremill_codegen.resolve import Resolver, Scope

_CONSTANTS = {"LOCALTIMESTAMP": TIMESTAMP_3, "LOCALTIME": SqlType("TIME", (0,))}
"""Functions that are written without brackets, and so look like columns."""

_UNIT_FIRST = frozenset({"TIMESTAMPADD", "TIMESTAMPDIFF"})
"""Functions whose first argument is a word like DAY."""

_PREDICATES = (exp.Predicate, exp.Connector, exp.Not, exp.Exists)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div)
_SAME_AS_INNER = (
    exp.Paren,
    exp.Neg,
    exp.Window,
    exp.Filter,
    exp.IgnoreNulls,
    exp.RespectNulls,
    exp.Distinct,
    exp.Ordered,
)


def expression_column(node: exp.Expr, scope: Scope, resolver: Resolver) -> Column:
    """The node's type and origins, as a column without a name.

    Names that don't exist go to `resolver.mistakes`, the types of all nodes below into `resolver.types`.
    """
    column = _column(node, scope, resolver)
    resolver.types[id(node)] = column.type
    return column


def _column(node: exp.Expr, scope: Scope, resolver: Resolver) -> Column:
    if isinstance(node, exp.Column):
        constant = (
            _CONSTANTS.get(node.name.upper()) if len(node.parts) == 1 and not node.this.args.get("quoted") else None
        )
        return Column("", constant) if constant is not None else scope.resolve(node)
    if isinstance(node, exp.Query):
        inner = node.this if isinstance(node, exp.Subquery) else node
        columns, _ = resolver.query(inner, scope)
        return columns[0].column if len(columns) == 1 else Column("")
    types: dict[int, SqlType | None] = {}
    origins: frozenset[Origin] = frozenset()
    unit = node.expressions[0] if isinstance(node, exp.Anonymous) and node.name.upper() in _UNIT_FIRST else None
    for child in node.iter_expressions():
        if child is unit or isinstance(child, exp.DataType | exp.Var | exp.Identifier):
            continue
        found = expression_column(child, scope, resolver)
        types[id(child)] = found.type
        origins |= found.origins
    return Column("", _type(node, types, resolver), origins)


def _type(node: exp.Expr, types: dict[int, SqlType | None], resolver: Resolver) -> SqlType | None:
    def of(child: exp.Expr | None) -> SqlType | None:
        return types.get(id(child)) if child is not None else None

    if isinstance(node, exp.Cast | exp.TryCast):
        return from_tree(node.to)
    if isinstance(node, exp.Literal):
        return _literal(node)
    if isinstance(node, exp.Null):
        return NULL
    if isinstance(node, (exp.Boolean, *_PREDICATES)):
        return BOOLEAN
    if isinstance(node, exp.Interval):
        return SqlType("INTERVAL")
    if isinstance(node, exp.Distinct):
        return of(node.expressions[0]) if len(node.expressions) == 1 else None
    if isinstance(node, _SAME_AS_INNER):
        return of(node.this)
    if isinstance(node, _ARITHMETIC):
        return arithmetic(of(node.this), of(node.expression))
    if isinstance(node, exp.DPipe):
        both = [of(node.this), of(node.expression)]
        return STRING if STRING in both and all(each is not None and each.is_text for each in both) else None
    if isinstance(node, exp.Case):
        branches = [of(branch) for branch in node.args["ifs"]]
        default = node.args.get("default")
        return common([*branches, of(default) if default is not None else NULL])
    if isinstance(node, exp.If):
        return of(node.args["true"])
    if isinstance(node, exp.Floor | exp.Ceil) and node.args.get("to"):
        return of(node.this)
    if isinstance(node, exp.Bracket):
        return _element(of(node.this))
    return _call(node, of, resolver)


def _call(node: exp.Expr, of: Callable[[exp.Expr | None], SqlType | None], resolver: Resolver) -> SqlType | None:
    if isinstance(node, exp.Anonymous):
        if node.name in resolver.functions:
            return resolver.functions[node.name]
        return function_type(node.name, [of(each) for each in node.expressions])
    if isinstance(node, JsonFunction):
        returning = node.args.get("returning")
        return from_tree(returning) if returning is not None else _JSON_TYPES[node.this]
    if isinstance(node, exp.Count):
        return BIGINT
    if isinstance(node, exp.Coalesce):
        return function_type("COALESCE", [of(node.this), *(of(each) for each in node.expressions)])
    if isinstance(node, exp.CurrentDate):
        return DATE
    if isinstance(node, exp.CurrentTimestamp):
        return TIMESTAMP_LTZ_3
    if isinstance(node, exp.Func):
        return function_type(node.sql_name(), [of(node.this) if isinstance(node.this, exp.Expr) else None])
    return None


_JSON_TYPES = {"JSON_VALUE": STRING, "JSON_QUERY": STRING, "JSON_EXISTS": BOOLEAN}


def _literal(node: exp.Literal) -> SqlType | None:
    text = node.name
    if node.is_string:
        return SqlType("CHAR", (len(text),)) if text else None
    if "e" in text.lower():
        return DOUBLE
    if "." in text:
        whole, fraction = text.split(".", 1)
        digits = len(whole.lstrip("0")) + len(fraction)
        return SqlType("DECIMAL", (max(digits, 1), len(fraction)))
    value = int(text)
    return INT if value < 2**31 else BIGINT if value < 2**63 else None


def _element(container: SqlType | None) -> SqlType | None:
    if container is None or container.root not in ("ARRAY", "MAP"):
        return None
    return container.parts[-1]
