"""A query's columns: their names, their types where certain, and the source columns they come from.

Follows views, subqueries, common table expressions, joins, window table functions and set operations. What can't be
seen from SQL alone (MATCH_RECOGNIZE, other table functions) gives a relation that is not `complete`; nothing is
guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from featuremill_codegen.dialect.windows import WINDOW_FUNCTIONS, Descriptor, TableArgument
from featuremill_codegen.expression_types import expression_column
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.relations import UNKNOWN, Column, Origin, Relation, relation
from featuremill_codegen.types import TIMESTAMP_3, SqlType


@dataclass(frozen=True)
class Environment:
    """What a query can name: tables and views, and the Python functions with their declared result types."""

    relations: Mapping[str, Relation]
    functions: Mapping[str, SqlType | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Mistake:
    """A name that doesn't exist, at a node of the tree."""

    node: exp.Expr
    message: str
    help: str


@dataclass(frozen=True)
class OutputColumn:
    """One column of a query's answer, and the expression that makes it (None behind a `*`)."""

    column: Column
    node: exp.Expr | None


class Resolver:
    """Resolves one statement; `mistakes` gathers the names that don't exist."""

    def __init__(self, environment: Environment) -> None:
        self.functions = environment.functions
        self._named = dict(environment.relations)
        self.mistakes: list[Mistake] = []
        self.types: dict[int, SqlType | None] = {}
        """The type of each expression that was looked at, by the `id` of its node."""

    def query(self, tree: exp.Expr, outer: Scope | None = None) -> tuple[list[OutputColumn], bool]:
        """The columns of a query in order, and whether these are all."""
        before = dict(self._named)
        with_ = tree.args.get("with_")
        for cte in with_.expressions if with_ else ():
            columns, complete = self.query(cte.this, outer)
            self._named[cte.alias] = _renamed(_as_relation(columns, complete), cte.args.get("alias"))
        try:
            return self._body(tree, outer)
        finally:
            self._named = before

    def relation_of(self, tree: exp.Expr, alias: exp.Expr | None = None, outer: Scope | None = None) -> Relation:
        """A query as a relation, its columns renamed by `alias` (as a view's are)."""
        columns, complete = self.query(tree, outer)
        return _renamed(_as_relation(columns, complete), alias)

    def _body(self, tree: exp.Expr, outer: Scope | None) -> tuple[list[OutputColumn], bool]:
        if isinstance(tree, exp.Subquery):
            return self.query(tree.this, outer)
        if isinstance(tree, exp.SetOperation):
            columns, complete = self.query(tree.left, outer)
            others, _ = self.query(tree.right, outer)
            if len(columns) == len(others):
                columns = [_merged(left, right) for left, right in zip(columns, others, strict=True)]
            return columns, complete
        if isinstance(tree, exp.Values):
            source = self._values(tree)
            return [OutputColumn(column, None) for column in source.columns.values()], True
        if not isinstance(tree, exp.Select):
            return [], False
        scope = self._scope(tree, outer)
        columns = []
        complete = True
        for projection in tree.expressions:
            if projection.is_star:
                relations = scope.starred(projection)
                complete = complete and all(each.complete for each in relations)
                columns += [OutputColumn(each, None) for source in relations for each in source.columns.values()]
                continue
            inner = projection.this if isinstance(projection, exp.Alias) else projection
            found = expression_column(inner, scope, self)
            columns.append(OutputColumn(replace(found, name=_output_name(projection)), projection))
        for clause in ("where", "group", "having", "order", "qualify"):
            node = tree.args.get(clause)
            if node is not None:
                scope.aliases = {each.column.name for each in columns} if clause in ("order", "having") else set()
                expression_column(node, scope, self)
        return columns, complete and not tree.args.get("match")

    def _scope(self, select: exp.Select, outer: Scope | None) -> Scope:
        scope = Scope(self, outer)
        from_ = select.args.get("from_")
        if from_ is not None:
            self._add(scope, from_.this)
        for lateral in select.args.get("laterals") or ():
            self._add(scope, lateral)
        for join in select.args.get("joins") or ():
            self._add(scope, join.this)
            if join.args.get("on") is not None:
                expression_column(join.args["on"], scope, self)
        if select.args.get("match"):
            scope.add("", UNKNOWN)
        return scope

    def _add(self, scope: Scope, source: exp.Expr) -> None:
        found = self._source(source, scope)
        if isinstance(source, exp.Table) and source.args.get("pivots"):
            found = UNKNOWN
        name = source.alias_or_name
        scope.add(name, _renamed(found, source.args.get("alias")))
        for join in source.args.get("joins") or ():
            self._add(scope, join.this)

    def _source(self, source: exp.Expr, scope: Scope) -> Relation:
        """The relation that stands at one place of FROM."""
        if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
            return self._table(source)
        if isinstance(source, exp.Table | exp.TableFromRows):
            return self._table_function(source.this, scope)
        if isinstance(source, exp.Subquery):
            inner = source.this
            if isinstance(inner, exp.Table):
                return self._source(inner, scope)
            return self.relation_of(inner, None, scope)
        if isinstance(source, exp.Values):
            return self._values(source)
        if isinstance(source, exp.Unnest):
            return self._unnest(source, scope)
        if isinstance(source, exp.Lateral) and isinstance(source.this, exp.Subquery):
            return self.relation_of(source.this.this, None, scope)
        return UNKNOWN

    def _table(self, table: exp.Table) -> Relation:
        if table.args.get("db"):
            return UNKNOWN
        if table.name not in self._named:
            help = did_you_mean(table.name, self._named)
            self.mistakes.append(Mistake(table.this, f"There is no table or view `{table.name}`.", help))
            return UNKNOWN
        return self._named[table.name]

    def _table_function(self, call: exp.Expr, scope: Scope) -> Relation:
        """TABLE(f(…)) or f(…): a window function's table with its three columns; of others nothing is known."""
        if isinstance(call, exp.Anonymous) and call.name.upper() == "TABLE" and len(call.expressions) == 1:
            call = call.expressions[0]
        name = call.name.upper() if isinstance(call, exp.Anonymous) else ""
        arguments = [each.expression if isinstance(each, exp.Kwarg) else each for each in call.expressions]
        for argument in arguments:
            if not isinstance(argument, TableArgument):
                continue
            inner = self._source(argument.this, scope)
            if name not in WINDOW_FUNCTIONS:
                return UNKNOWN
            descriptor = next((each for each in arguments if isinstance(each, Descriptor)), None)
            return self._windowed(inner, descriptor)
        return UNKNOWN

    def _windowed(self, inner: Relation, descriptor: Descriptor | None) -> Relation:
        time = descriptor.expressions[0] if descriptor is not None and descriptor.expressions else None
        if time is not None and inner.complete and time.name not in inner.columns:
            help = did_you_mean(time.name, inner.columns)
            self.mistakes.append(Mistake(time, f"There is no column `{time.name}`.", help))
        column = inner.columns.get(time.name) if time is not None else None
        origins: frozenset[Origin] = column.origins if column else frozenset()
        added = [
            Column("window_start", TIMESTAMP_3, origins),
            Column("window_end", TIMESTAMP_3, origins),
            Column("window_time", column.type if column else None, origins),
        ]
        return relation([*inner.columns.values(), *added], complete=inner.complete)

    def _values(self, values: exp.Values) -> Relation:
        scope = Scope(self, None)
        first = values.expressions[0] if values.expressions else None
        cells = first.expressions if isinstance(first, exp.Tuple) else [first] if first is not None else []
        columns = [expression_column(cell, scope, self) for cell in cells]
        named = [replace(column, name=f"EXPR${index}") for index, column in enumerate(columns)]
        # A cell of a later row may be wider, so no type is certain.
        if len(values.expressions) > 1:
            named = [replace(column, type=None) for column in named]
        return _renamed(relation(named), values.args.get("alias"))

    def _unnest(self, unnest: exp.Unnest, scope: Scope) -> Relation:
        columns = [expression_column(each, scope, self) for each in unnest.expressions]
        if len(columns) == 1 and columns[0].type is not None:
            (array,) = columns
            kind = columns[0].type
            inner = kind.parts[0] if kind.root in ("ARRAY", "MULTISET") else None
            if inner is not None and inner.names:
                pairs = zip(inner.names, inner.parts, strict=True)
                return relation([Column(name, part, array.origins) for name, part in pairs])
            if inner is not None:
                return relation([Column("EXPR$0", inner, array.origins)])
            if kind.root == "MAP":
                return relation([Column(f"EXPR${i}", part, array.origins) for i, part in enumerate(kind.parts)])
        return UNKNOWN


class Scope:
    """The relations that one SELECT can name, and those of the query around it."""

    def __init__(self, resolver: Resolver, outer: Scope | None) -> None:
        self._resolver = resolver
        self._outer = outer
        self._relations: list[tuple[str, Relation]] = []
        self.aliases: set[str] = set()

    def add(self, name: str, found: Relation) -> None:
        self._relations.append((name, found))

    def starred(self, star: exp.Expr) -> list[Relation]:
        """The relations that `*` or `t.*` stands for."""
        table = star.args.get("table") if isinstance(star, exp.Column) else None
        return [found for name, found in self._relations if table is None or name == table.name]

    def resolve(self, column: exp.Column) -> Column:
        """The column that a reference means, fields of a row included (`t.r.x`, `r.x`)."""
        parts = [part.name for part in column.parts]
        found = self._find(parts)
        if found is None and self._complete() and not (len(parts) == 1 and parts[0] in self.aliases):
            self._resolver.mistakes.append(self._mistake(column, parts))
        return found or Column(parts[-1])

    def _find(self, parts: list[str]) -> Column | None:
        for name, source in self._relations:
            if len(parts) > 1 and name == parts[0] and parts[1] in source.columns:
                return _field(source.columns[parts[1]], parts[2:])
        for _, source in self._relations:
            if parts[0] in source.columns:
                return _field(source.columns[parts[0]], parts[1:])
        return self._outer._find(parts) if self._outer is not None else None

    def _complete(self) -> bool:
        here = all(source.complete for _, source in self._relations)
        return here and (self._outer is None or self._outer._complete())

    def _mistake(self, column: exp.Column, parts: list[str]) -> Mistake:
        relations = dict(self._relations)
        if len(parts) > 1 and parts[0] in relations:
            help = did_you_mean(parts[1], relations[parts[0]].columns)
            return Mistake(column, f"`{parts[0]}` has no column `{parts[1]}`.", help)
        if len(parts) > 1:
            return Mistake(column, f"There is no table `{parts[0]}` here.", did_you_mean(parts[0], relations))
        known = [name for source in relations.values() for name in source.columns]
        return Mistake(column, f"There is no column `{parts[0]}` here.", did_you_mean(parts[0], known))


def _field(column: Column, path: list[str]) -> Column | None:
    """A field of a row, down a path; None where the type shows that there is none of that name."""
    for name in path:
        if column.type is None:
            return Column(name, None, column.origins)
        if name not in column.type.names:
            return None
        column = Column(name, column.type.parts[column.type.names.index(name)], column.origins)
    return column


def _output_name(projection: exp.Expr) -> str:
    """The name of a projection, empty where the query gives it none."""
    return projection.alias_or_name if isinstance(projection, exp.Alias | exp.Column) else ""


def _as_relation(columns: list[OutputColumn], complete: bool) -> Relation:
    return relation([each.column for each in columns], complete=complete)


def _renamed(found: Relation, alias: exp.Expr | None) -> Relation:
    """The relation under `AS name (column, …)`."""
    names = [each.name for each in alias.args.get("columns") or ()] if isinstance(alias, exp.TableAlias) else []
    if not names:
        return found
    columns = list(found.columns.values())
    if len(columns) != len(names):
        return relation([Column(name) for name in names])
    return relation([replace(column, name=name) for column, name in zip(columns, names, strict=True)])


def _merged(left: OutputColumn, right: OutputColumn) -> OutputColumn:
    """A column of UNION: its type is certain where both sides agree."""
    a, b = left.column, right.column
    kind = a.type if a.type == b.type else None
    return OutputColumn(Column(a.name, kind, a.origins | b.origins), left.node)
