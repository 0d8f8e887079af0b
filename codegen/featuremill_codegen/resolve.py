"""A query's columns: their names, their types where certain, and how source columns reach them.

Follows views, subqueries, common table expressions, joins, window table functions, MATCH_RECOGNIZE and set operations.
What can't be seen from SQL alone gives a relation that is not `complete`; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlglot import exp

from featuremill_codegen.expressions import expression_column
from featuremill_codegen.flink_rules import FlinkRules
from featuremill_codegen.influences import NONE, How, Influences, through, union
from featuremill_codegen.relations import Column, Relation, relation, renamed
from featuremill_codegen.rules import Rules
from featuremill_codegen.scope import Mistake, Scope
from featuremill_codegen.sources import add_sources, values_relation
from featuremill_codegen.types import SqlType

__all__ = ["Environment", "Mistake", "OutputColumn", "Resolved", "Resolver"]


@dataclass(frozen=True)
class Environment:
    """What a query can name: tables and views, and the Python functions with their declared result types.

    `table_functions` gives the types of a table function's columns, None where they aren't plain to see.
    """

    relations: Mapping[str, Relation]
    functions: Mapping[str, SqlType | None] = field(default_factory=dict)
    table_functions: Mapping[str, tuple[SqlType | None, ...] | None] = field(default_factory=dict)


@dataclass(frozen=True)
class OutputColumn:
    """One column of a query's answer, and the expression that makes it (None behind a `*`)."""

    column: Column
    node: exp.Expr | None


class Resolved(NamedTuple):
    """A query's columns in order, whether these are all, and what decides over its rows."""

    columns: list[OutputColumn]
    complete: bool
    influences: Influences = NONE


class Resolver:
    """Resolves one statement; `mistakes` gathers the names that don't exist."""

    def __init__(self, environment: Environment, rules: Rules | None = None) -> None:
        self.rules: Rules = rules if rules is not None else FlinkRules()
        self.functions = environment.functions
        self.table_functions = environment.table_functions
        self.named = dict(environment.relations)
        self.mistakes: list[Mistake] = []
        self.types: dict[int, SqlType | None] = {}
        """The type of each expression that was looked at, by the `id` of its node."""
        self.seen: dict[int, Column] = {}
        """Expressions that were looked at before the one around them, by the `id` of their node."""

    def query(self, tree: exp.Expr, outer: Scope | None = None) -> Resolved:
        """A query's columns."""
        before = dict(self.named)
        with_ = tree.args.get("with_")
        for cte in with_.expressions if with_ else ():
            found = self._as_relation(self.query(cte.this, outer))
            names = [each.name for each in cte.args["alias"].args.get("columns") or ()]
            self.named[self.rules.normal(cte.alias)] = self.renamed(found, names)
        try:
            return self._body(tree, outer)
        finally:
            self.named = before

    def relation_of(self, tree: exp.Expr, names: Sequence[str] = (), outer: Scope | None = None) -> Relation:
        """A query as a relation, its columns renamed (as a view's are)."""
        return self.renamed(self._as_relation(self.query(tree, outer)), names)

    def renamed(self, found: Relation, names: Sequence[str]) -> Relation:
        """The relation under `AS name (column, …)`."""
        return renamed(found, [self.rules.normal(name) for name in names])

    def scope(self, outer: Scope | None = None) -> Scope:
        """A scope without relations."""
        return Scope(self.mistakes, outer, self.rules.normal)

    def influences_of(self, nodes: Iterable[exp.Expr], scope: Scope, how: How) -> Influences:
        """What reaches a relation through these expressions."""
        return union(through(expression_column(node, scope, self).influences, how) for node in nodes)

    def _body(self, tree: exp.Expr, outer: Scope | None) -> Resolved:
        if isinstance(tree, exp.Subquery):
            inner = self.query(tree.this, outer)
            return self._ordered(tree, inner, self._over(inner))
        if isinstance(tree, exp.SetOperation):
            return self._set_operation(tree, outer)
        if isinstance(tree, exp.Values):
            source = values_relation(self, tree)
            return Resolved([OutputColumn(column, None) for column in source.columns.values()], True)
        if isinstance(tree, exp.Select):
            return self._select(tree, outer)
        return Resolved([], False)

    def _select(self, tree: exp.Select, outer: Scope | None) -> Resolved:
        scope = self.scope(outer)
        reaching = add_sources(self, tree, scope)
        for window in tree.args.get("windows") or ():
            scope.windows[self.rules.normal(window.name)] = window
        columns: list[OutputColumn] = []
        complete = True
        for projection in tree.expressions:
            if projection.is_star:
                starred, all_known = scope.starred(projection)
                complete = complete and all_known
                columns += [OutputColumn(each, None) for each in starred]
            else:
                columns.append(self._projection(projection, scope))
        reaching |= self._clauses(tree, scope, columns)
        return Resolved(columns, complete, reaching)

    def _projection(self, projection: exp.Expr, scope: Scope) -> OutputColumn:
        inner = projection.this if isinstance(projection, exp.Alias) else projection
        found = expression_column(inner, scope, self)
        name = projection.alias_or_name if isinstance(projection, exp.Alias | exp.Column | exp.Dot) else ""
        return OutputColumn(replace(found, name=self.rules.normal(name)), projection)

    def _clauses(self, tree: exp.Select, scope: Scope, columns: list[OutputColumn]) -> Influences:
        """What decides over the rows behind FROM."""
        reaching = [self._clause(tree.args.get("where"), scope, How.FILTER)]
        scope.aliases = {each.column.name for each in columns} if self.rules.groups_by_alias else set()
        reaching.append(self._group(tree.args.get("group"), scope, columns))
        if tree.args.get("distinct") is not None:
            reaching += [through(each.column.influences, How.GROUP_BY) for each in columns]
        scope.aliases = {each.column.name for each in columns}
        reaching.append(self._clause(tree.args.get("having"), scope, How.FILTER))
        reaching.append(self._clause(tree.args.get("qualify"), scope, How.FILTER))
        for clause in ("order", "sort", "cluster", "distribute"):
            reaching.append(self._sorted(tree.args.get(clause), scope, columns))
        return union(reaching)

    def _clause(self, clause: exp.Expr | None, scope: Scope, how: How) -> Influences:
        return through(expression_column(clause, scope, self).influences, how) if clause is not None else NONE

    def _group(self, group: exp.Expr | None, scope: Scope, columns: list[OutputColumn]) -> Influences:
        if group is None:
            return NONE
        return union(
            through(self._clause_column(node, scope, columns).influences, How.GROUP_BY) for node in _grouped(group)
        )

    def _sorted(self, order: exp.Expr | None, scope: Scope, columns: list[OutputColumn]) -> Influences:
        if order is None:
            return NONE
        nodes = [each.this if isinstance(each, exp.Ordered) else each for each in order.expressions]
        return union(through(self._clause_column(node, scope, columns).influences, How.SORT) for node in nodes)

    def _clause_column(self, node: exp.Expr, scope: Scope, columns: list[OutputColumn]) -> Column:
        """An expression of GROUP BY or ORDER BY, which may be a column's place (from 1) or alias."""
        if isinstance(node, exp.Literal) and node.is_int and 0 < int(node.name) <= len(columns):
            return columns[int(node.name) - 1].column
        if isinstance(node, exp.Column) and len(node.parts) == 1:
            name = self.rules.normal(node.name)
            if name in scope.aliases:
                return next(each.column for each in columns if each.column.name == name)
        return expression_column(node, scope, self)

    def _set_operation(self, tree: exp.SetOperation, outer: Scope | None) -> Resolved:
        operations: list[exp.SetOperation] = []
        first: exp.Expr = tree
        while isinstance(first, exp.SetOperation):  # a chain of many is no deeper than one
            operations.append(first)
            first = first.left
        found = self.query(first, outer)
        for operation in reversed(operations):
            found = self._united(operation, found, self.query(operation.right, outer))
        return self._ordered(tree, found, self._over(found))

    def _united(self, operation: exp.SetOperation, left: Resolved, right: Resolved) -> Resolved:
        if len(left.columns) != len(right.columns):
            return Resolved(left.columns, left.complete, left.influences | right.influences)
        all_rows = isinstance(operation, exp.Union)
        columns = [self._merged(a, b, all_rows) for a, b in zip(left.columns, right.columns, strict=True)]
        reaching = [left.influences, right.influences]
        if not all_rows:
            reaching += [through(each.column.influences, How.FILTER) for each in right.columns]
        if operation.args.get("distinct"):
            reaching += [through(each.column.influences, How.GROUP_BY) for each in columns]
        return Resolved(columns, left.complete and right.complete, union(reaching))

    def _merged(self, left: OutputColumn, right: OutputColumn, both: bool) -> OutputColumn:
        """A column of a set operation; its values come from both sides only in a UNION."""
        a, b = left.column, right.column
        kind = self.rules.united([a.type, b.type])
        if not both:
            return OutputColumn(replace(a, type=kind), left.node)
        merged = Column(a.name, kind, a.influences | b.influences, a.functions | b.functions, a.node or left.node)
        return OutputColumn(merged, left.node)

    def _ordered(self, tree: exp.Expr, found: Resolved, scope: Scope) -> Resolved:
        """The answer under the ORDER BY behind brackets or a set operation."""
        reaching = self._sorted(tree.args.get("order"), scope, found.columns)
        return Resolved(found.columns, found.complete, found.influences | reaching)

    def _over(self, found: Resolved) -> Scope:
        scope = self.scope()
        scope.add("", self._as_relation(found))
        return scope

    def _as_relation(self, found: Resolved) -> Relation:
        columns = [
            each.column if each.column.name else replace(each.column, name=self.rules.output_name(index))
            for index, each in enumerate(found.columns)
        ]
        return relation(columns, complete=found.complete, influences=found.influences)


def _grouped(group: exp.Expr) -> Iterable[exp.Expr]:
    """The expressions of GROUP BY, those inside GROUPING SETS, ROLLUP and CUBE included."""
    for value in group.args.values():
        for node in value if isinstance(value, list) else (value,):
            if isinstance(node, exp.GroupingSets | exp.Rollup | exp.Cube | exp.Tuple):
                yield from _grouped(node)
            elif isinstance(node, exp.Paren):
                yield node.this
            elif isinstance(node, exp.Expr):
                yield node
