"""The value of an expression: its type where certain, and how source columns reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from featuremill_codegen.influences import NONE, How, Influences, through, union
from featuremill_codegen.relations import Column
from featuremill_codegen.types import SqlType

if TYPE_CHECKING:
    from featuremill_codegen.resolve import Resolver
    from featuremill_codegen.scope import Scope

_UNIT_FIRST = frozenset({"TIMESTAMPADD", "TIMESTAMPDIFF"})
"""Functions whose first argument is a word like DAY."""

_PASSES = (exp.Paren, exp.IgnoreNulls, exp.RespectNulls, exp.Distinct, exp.Ordered, exp.PropertyEQ, exp.Alias)
"""Nodes that hand on the value inside."""

_NO_VALUE = (exp.DataType, exp.Var, exp.Identifier, exp.Star, exp.DataTypeParam)
_CONDITION_FIRST = frozenset({"IF"})


def expression_column(node: exp.Expr, scope: Scope, resolver: Resolver) -> Column:
    """The node's type and lineage, as a column without a name.

    Names that don't exist go to `resolver.mistakes`, the types of all nodes below into `resolver.types`.
    """
    column = resolver.seen.pop(id(node), None)
    if column is None:
        for inner in _left_spine(node):
            resolver.seen[id(inner)] = _column(inner, scope, resolver)
        column = _column(node, scope, resolver)
    resolver.types[id(node)] = column.type
    return column


def _left_spine(node: exp.Expr) -> list[exp.Expr]:
    """The operators down the left side of a long `a || b || c …`, the innermost first: so none needs a recursion."""
    spine: list[exp.Expr] = []
    inner = node.this if isinstance(node, exp.Binary) else None
    while isinstance(inner, exp.Binary):
        spine.append(inner)
        inner = inner.this
    return spine[::-1]


def _column(node: exp.Expr, scope: Scope, resolver: Resolver) -> Column:
    if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
        return _reference(node, scope, resolver)
    if isinstance(node, exp.Query):
        return _subquery(node, scope, resolver)
    if isinstance(node, exp.Exists):
        inner = resolver.query(node.this, scope)
        return Column("", resolver.rules.boolean, inner.influences, node=node)
    types: dict[int, SqlType | None] = {}
    reaching: list[Influences] = []
    functions: frozenset[str] = frozenset()
    for child, how in _parts(node, resolver):
        found = expression_column(child, scope, resolver)
        types[id(child)] = found.type
        reaching.append(through(found.influences, how))
        functions |= found.functions
    if isinstance(node, exp.Window) and node.args.get("alias") is not None:
        reaching.append(_named_window(node, scope, resolver))
    if isinstance(node, exp.Anonymous) and resolver.rules.normal(node.name) in resolver.functions:
        functions |= {node.name}
    kind = resolver.rules.type_of(node, lambda each: types.get(id(each)), resolver.functions)
    return Column("", kind, union(reaching), functions, node)


def _reference(node: exp.Column, scope: Scope, resolver: Resolver) -> Column:
    if len(node.parts) == 1 and not node.this.args.get("quoted"):
        constant = resolver.rules.constants.get(node.name.upper())
        if constant is not None:
            return Column("", constant, node=node)
    return scope.resolve(node)


def _subquery(node: exp.Query, scope: Scope, resolver: Resolver) -> Column:
    found = resolver.query(node.this if isinstance(node, exp.Subquery) else node, scope)
    if len(found.columns) != 1:
        return Column("", None, found.influences, node=node)
    column = found.columns[0].column
    return Column("", column.type, column.influences | found.influences, column.functions, column.node)


def _named_window(node: exp.Window, scope: Scope, resolver: Resolver) -> Influences:
    window = scope.windows.get(resolver.rules.normal(node.args["alias"].name))
    if window is None:
        return NONE
    parts = [*(window.args.get("partition_by") or ()), *_ordered(window)]
    return union(through(expression_column(each, scope, resolver).influences, How.WINDOW) for each in parts)


def _ordered(window: exp.Expr) -> list[exp.Expr]:
    order = window.args.get("order")
    return list(order.expressions) if order is not None else []


def _parts(node: exp.Expr, resolver: Resolver) -> list[tuple[exp.Expr, How]]:
    """The expressions that a node is made of, and how the value of each reaches its own."""
    unit = node.expressions[0] if isinstance(node, exp.Anonymous) and node.name.upper() in _UNIT_FIRST else None
    usual = _usual(node, resolver)
    condition = None
    if isinstance(node, exp.Anonymous) and node.name.upper() in _CONDITION_FIRST and node.expressions:
        condition = node.expressions[0]
    parts: list[tuple[exp.Expr, How]] = []
    for key, value in node.args.items():
        if (key == "this" and is_map_constructor(node)) or (key == "expression" and isinstance(node, exp.Is)):
            continue  # MAP[…] and IS JSON: words, not columns
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, exp.Expr) and child is not unit and not isinstance(child, _NO_VALUE):
                how = How.CONDITIONAL if child is condition else _special(node, key) or usual
                parts.append((child, how))
    return parts


def is_map_constructor(node: exp.Expr) -> bool:
    """Whether this is Flink's `MAP[key, value, …]`, which reads like an element of a column `MAP`."""
    return (
        isinstance(node, exp.Bracket)
        and isinstance(node.this, exp.Column)
        and len(node.this.parts) == 1
        and node.this.name.upper() == "MAP"
        and not node.this.this.args.get("quoted")
    )


def _usual(node: exp.Expr, resolver: Resolver) -> How:
    if isinstance(node, (*_PASSES, exp.Window, exp.Filter, exp.Order, exp.If, exp.Case)):
        return How.TRANSFORMATION if isinstance(node, exp.If | exp.Case) else How.IDENTITY
    return How.AGGREGATION if resolver.rules.is_aggregate(node) else How.TRANSFORMATION


def _special(node: exp.Expr, key: str) -> How | None:
    """The way of a part that has one of its own."""
    if isinstance(node, exp.Case | exp.If) and key == "this":
        return How.CONDITIONAL
    if isinstance(node, exp.Filter) and key == "expression":
        return How.FILTER
    if isinstance(node, exp.Window) and key != "this":
        return How.WINDOW
    if isinstance(node, exp.Order) and key == "expressions":
        return How.WINDOW if isinstance(node.parent, exp.Window) else How.SORT
    return None
