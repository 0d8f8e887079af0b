"""MATCH_RECOGNIZE: one row for each match, made of the partition's keys and the measures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from featuremill_codegen.expressions import expression_column
from featuremill_codegen.influences import How, through, union
from featuremill_codegen.relations import Column, Relation, relation
from featuremill_codegen.scope import Scope

if TYPE_CHECKING:
    from featuremill_codegen.resolve import Resolver


def recognized(resolver: Resolver, match: exp.MatchRecognize, rows: Relation) -> Relation:
    """The relation that MATCH_RECOGNIZE makes of `rows`.

    A pattern variable (`A.price`) names the columns of the rows that it stands for. Which rows match is decided by the
    partition, the order and the conditions of DEFINE.
    """
    plain = resolver.scope()
    plain.add("", rows)
    defines = [each for each in match.args.get("define") or () if isinstance(each, exp.Expr)]
    measures = [
        each.this if isinstance(each, exp.MatchRecognizeMeasure) else each for each in match.args.get("measures") or ()
    ]
    scope = _with_variables(resolver, rows, [*measures, *defines])
    keys = [(node, expression_column(node, plain, resolver)) for node in match.args.get("partition_by") or ()]
    columns = [replace(column, name=resolver.rules.normal(node.name)) for node, column in keys]
    columns += [_measure(resolver, measure, scope) for measure in measures]
    order = match.args.get("order")
    ordered = [each.this if isinstance(each, exp.Ordered) else each for each in order.expressions] if order else []
    reaching = union(
        [
            rows.influences,
            *(through(column.influences, How.WINDOW) for _, column in keys),
            resolver.influences_of(ordered, plain, How.SORT),
            resolver.influences_of([_condition(each) for each in defines], scope, How.FILTER),
        ]
    )
    every_row = match.args.get("rows")
    complete = rows.complete and not (every_row is not None and every_row.name.upper().startswith("ALL"))
    return relation(columns, complete=complete, influences=reaching)


def _with_variables(resolver: Resolver, rows: Relation, nodes: list[exp.Expr]) -> Scope:
    """A scope in which every qualifier that the nodes use is a pattern variable."""
    scope = resolver.scope()
    scope.add("", rows)
    variables = {
        resolver.rules.normal(column.parts[0].name)
        for node in nodes
        for column in node.find_all(exp.Column)
        if len(column.parts) > 1
    }
    for variable in sorted(variables - set(rows.columns)):
        scope.add(variable, rows)
    return scope


def _measure(resolver: Resolver, measure: exp.Expr, scope: Scope) -> Column:
    inner = measure.this if isinstance(measure, exp.Alias) else measure
    column = expression_column(inner, scope, resolver)
    return replace(column, name=resolver.rules.normal(measure.alias_or_name))


def _condition(define: exp.Expr) -> exp.Expr:
    """The condition of `variable AS condition`."""
    condition = define.this if isinstance(define, exp.Alias) else define
    assert isinstance(condition, exp.Expr)
    return condition
