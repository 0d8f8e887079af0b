"""What stands in FROM: tables, subqueries, functions over tables, UNNEST, VALUES, and how they are joined."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from featuremill_codegen.dialect.windows import WINDOW_FUNCTIONS, Descriptor, TableArgument
from featuremill_codegen.expressions import expression_column
from featuremill_codegen.influences import NONE, How, Influences, through, union
from featuremill_codegen.match_recognize import recognized
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.relations import UNKNOWN, Column, Relation, relation
from featuremill_codegen.scope import Mistake, Scope
from featuremill_codegen.types import INT, STRING, TIMESTAMP_3, SqlType

if TYPE_CHECKING:
    from featuremill_codegen.resolve import Resolver


def add_sources(resolver: Resolver, select: exp.Select, scope: Scope) -> Influences:
    """Put all relations of a SELECT into its scope; what decides over their rows."""
    reaching = NONE
    from_ = select.args.get("from_")
    if from_ is not None:
        reaching |= _add(resolver, scope, from_.this)
    laterals = select.args.get("laterals") or ()
    conditions: list[exp.Expr] = []
    for join in select.args.get("joins") or ():
        # A LATERAL VIEW may use the tables of a join, and the join's condition its columns.
        reaching |= _join(resolver, scope, join, conditions if laterals else None)
    for lateral in laterals:
        reaching |= _add(resolver, scope, lateral)
    reaching |= resolver.influences_of(conditions, scope, How.JOIN)
    return reaching | _recognize(resolver, scope, select)


def _add(resolver: Resolver, scope: Scope, source: exp.Expr) -> Influences:
    """Put one item of FROM into the scope, and the joins that hang on it."""
    found = _source(resolver, source, scope)
    if isinstance(source, exp.Table) and source.args.get("pivots"):
        found = UNKNOWN
    found = resolver.renamed(found, _names(source))
    scope.add(resolver.rules.normal(source.alias_or_name), found)
    reaching = found.influences | _recognize(resolver, scope, source)
    version = source.args.get("version")
    if version is not None and isinstance(version.expression, exp.Expr):
        reaching |= resolver.influences_of([version.expression], scope, How.JOIN)
    for join in source.args.get("joins") or ():
        reaching |= _join(resolver, scope, join)
    return reaching


def _names(source: exp.Expr) -> list[str]:
    """The names of `AS t (name, …)`; the dialect keeps that of UNNEST's ordinality apart."""
    alias = source.args.get("alias")
    names = [each.name for each in alias.args.get("columns") or ()] if isinstance(alias, exp.TableAlias) else []
    offset = source.args.get("offset") if isinstance(source, exp.Unnest) else None
    return [*names, offset.name] if names and isinstance(offset, exp.Identifier) else names


def _recognize(resolver: Resolver, scope: Scope, holder: exp.Expr) -> Influences:
    """MATCH_RECOGNIZE behind FROM: its rows take the place of the last relation's."""
    match = holder.args.get("match")
    if not isinstance(match, exp.MatchRecognize):
        return NONE
    found = recognized(resolver, match, scope.last)
    scope.replace(resolver.rules.normal(match.alias), resolver.renamed(found, _names(match)))
    return found.influences


def _join(resolver: Resolver, scope: Scope, join: exp.Join, later: list[exp.Expr] | None = None) -> Influences:
    """Put a join's relation into the scope; its condition is kept for `later`, if so asked."""
    before = scope.relations
    reaching = _add(resolver, scope, join.this)
    using = [resolver.rules.normal(each.name) for each in join.args.get("using") or ()]
    if join.args.get("method") == "NATURAL":
        using = scope.common_names()
    if using:
        sides = [column for found in (*before, scope.last) for name, column in found.columns.items() if name in using]
        reaching |= union(through(each.influences, How.JOIN) for each in sides)
        scope.share(using, lambda columns: _shared(resolver, join, columns))
    leaves_nothing = join.args.get("kind") in ("SEMI", "ANTI")
    condition = join.args.get("on")
    if condition is not None and later is not None and not leaves_nothing:
        later.append(condition)
    elif condition is not None:
        reaching |= resolver.influences_of([condition], scope, How.JOIN)
    if leaves_nothing:
        scope.drop()
    return reaching


def _shared(resolver: Resolver, join: exp.Join, columns: list[Column]) -> Column:
    """The one column of USING: the side that is always there, both in a full join."""
    if join.side == "FULL":
        kind = resolver.rules.united([each.type for each in columns])
        influences = union(through(each.influences, How.TRANSFORMATION) for each in columns)
        return Column("", kind, influences, columns[0].functions | columns[1].functions)
    return columns[-1] if join.side == "RIGHT" else columns[0]


def _source(resolver: Resolver, source: exp.Expr, scope: Scope) -> Relation:
    """The relation that stands at one place of FROM."""
    if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
        return _table(resolver, source)
    if isinstance(source, exp.Table | exp.TableFromRows):
        return _table_function(resolver, source.this, scope)
    if isinstance(source, exp.Subquery):
        inner = source.this
        if isinstance(inner, exp.Table):
            return _source(resolver, inner, scope)
        return resolver.relation_of(inner, (), scope)
    if isinstance(source, exp.Values):
        return values_relation(resolver, source)
    if isinstance(source, exp.Unnest):
        return _unnest(resolver, source, scope)
    if isinstance(source, exp.Lateral):
        return _lateral(resolver, source, scope)
    return UNKNOWN


def _table(resolver: Resolver, table: exp.Table) -> Relation:
    name = resolver.rules.normal(".".join(part.name for part in table.parts))
    if name not in resolver.named and table.args.get("db"):
        return UNKNOWN
    if name not in resolver.named:
        help = did_you_mean(table.name, resolver.named)
        resolver.mistakes.append(Mistake(table.this, f"There is no table or view `{table.name}`.", help))
        return UNKNOWN
    return resolver.named[name]


def _lateral(resolver: Resolver, lateral: exp.Lateral, scope: Scope) -> Relation:
    if isinstance(lateral.this, exp.Subquery):
        return resolver.relation_of(lateral.this.this, (), scope)
    if lateral.args.get("view"):
        return _lateral_view(resolver, lateral, scope)
    return _table_function(resolver, lateral.this, scope)


def _lateral_view(resolver: Resolver, lateral: exp.Lateral, scope: Scope) -> Relation:
    """Hive's LATERAL VIEW: one row for each element of a collection, its columns named behind AS."""
    call = lateral.this
    influences = resolver.influences_of([call], scope, How.TRANSFORMATION)
    names = _names(lateral)
    kind = resolver.types.get(id(call.this)) if isinstance(call.this, exp.Expr) else None
    columns = _generated(call, kind) if kind is not None else []
    if names and len(columns) != len(names):
        return relation([Column(name, None, influences) for name in names], influences=through(influences, How.JOIN))
    made = [Column(name, each, influences) for name, each in columns]
    return relation(made, complete=bool(made), influences=through(influences, How.JOIN))


def _generated(call: exp.Expr, kind: SqlType) -> list[tuple[str, SqlType]]:
    """The columns of a generator over a collection of this type; none where they aren't certain."""
    if isinstance(call, exp.Inline):
        rows = kind.parts[0] if kind.root == "ARRAY" else kind
        return list(zip(rows.names, rows.parts, strict=True)) if rows.names else []
    if not isinstance(call, exp.Explode | exp.Posexplode) or kind.root not in ("ARRAY", "MAP"):
        return []
    position = [("pos", INT)] if isinstance(call, exp.Posexplode) else []
    names = ("col",) if kind.root == "ARRAY" else ("key", "value")
    return [*position, *zip(names, kind.parts, strict=True)]


def _table_function(resolver: Resolver, call: exp.Expr, scope: Scope) -> Relation:
    """TABLE(f(…)) or f(…): a window function's table with its three columns, or a Python function's."""
    if isinstance(call, exp.Anonymous) and call.name.upper() == "TABLE" and len(call.expressions) == 1:
        call = call.expressions[0]
    if not isinstance(call, exp.Anonymous):
        return UNKNOWN
    name = call.name.upper()
    arguments = [each.expression if isinstance(each, exp.Kwarg) else each for each in call.expressions]
    table = next((each for each in arguments if isinstance(each, TableArgument | exp.Subquery)), None)
    keys = table.args.get("partition_by") or () if table is not None else ()
    descriptor = next((each for each in (*arguments, *keys) if isinstance(each, Descriptor)), None)
    if table is not None:
        inner = _source(resolver, table.this if isinstance(table, TableArgument) else table, scope)
        if name in WINDOW_FUNCTIONS:
            return _windowed(resolver, inner, table, descriptor)
        return _changelog(inner, descriptor) if name == "TO_CHANGELOG" else UNKNOWN
    if call.name in resolver.table_functions:
        return _python_table(resolver, call, scope)
    return UNKNOWN


def _python_table(resolver: Resolver, call: exp.Anonymous, scope: Scope) -> Relation:
    influences = resolver.influences_of(call.expressions, scope, How.TRANSFORMATION)
    kinds = resolver.table_functions[call.name]
    if kinds is None:
        return UNKNOWN
    functions = frozenset({call.name})
    columns = [Column(f"f{index}", kind, influences, functions, call) for index, kind in enumerate(kinds)]
    return relation(columns, influences=through(influences, How.JOIN))


def _windowed(resolver: Resolver, inner: Relation, table: exp.Expr, descriptor: Descriptor | None) -> Relation:
    time = descriptor.expressions[0] if descriptor is not None and descriptor.expressions else None
    if time is not None and inner.complete and time.name not in inner.columns:
        help = did_you_mean(time.name, inner.columns)
        resolver.mistakes.append(Mistake(time, f"There is no column `{time.name}`.", help))
    column = inner.columns.get(time.name) if time is not None else None
    influences = through(column.influences, How.TRANSFORMATION) if column is not None else NONE
    added = [
        Column("window_start", TIMESTAMP_3, influences),
        Column("window_end", TIMESTAMP_3, influences),
        Column("window_time", column.type if column else None, influences),
    ]
    scope = resolver.scope()
    scope.add("", inner)
    # The dialect takes the arguments behind PARTITION BY's first key for keys, too.
    partition = [each for each in table.args.get("partition_by") or () if isinstance(each, exp.Column)]
    keys = resolver.influences_of(partition, scope, How.WINDOW)
    reaching = inner.influences | through(influences, How.WINDOW) | keys
    return relation([*inner.columns.values(), *added], complete=inner.complete, influences=reaching)


def _changelog(inner: Relation, descriptor: Descriptor | None) -> Relation:
    """TO_CHANGELOG: the kind of each change before the table's own columns."""
    name = descriptor.expressions[0].name if descriptor is not None and descriptor.expressions else "op"
    columns = [Column(name, STRING), *inner.columns.values()]
    return relation(columns, complete=inner.complete, influences=inner.influences)


def values_relation(resolver: Resolver, values: exp.Values) -> Relation:
    """VALUES (…), (…): the type of a column is the one that holds all its cells."""
    scope = resolver.scope()
    rows = [[expression_column(cell, scope, resolver) for cell in _cells(row)] for row in values.expressions]
    width = len(rows[0]) if rows else 0
    if any(len(row) != width for row in rows):
        return UNKNOWN
    columns = []
    for index, cells in enumerate(zip(*rows, strict=True)):
        kind = resolver.rules.united([cell.type for cell in cells])
        influences = union(cell.influences for cell in cells)
        columns.append(Column(resolver.rules.output_name(index), kind, influences))
    return resolver.renamed(relation(columns), _names(values))


def _cells(row: exp.Expr) -> list[exp.Expr]:
    if isinstance(row, exp.Tuple) and len(row.expressions) == 1:
        return _cells(row.expressions[0])
    if isinstance(row, exp.Tuple) or (isinstance(row, exp.Anonymous) and row.name.upper() == "ROW"):
        return list(row.expressions)
    return [row.this if isinstance(row, exp.Paren) else row]


def _unnest(resolver: Resolver, unnest: exp.Unnest, scope: Scope) -> Relation:
    """UNNEST(array): one column for its elements, one for each field of a row, two for a map."""
    columns = [expression_column(each, scope, resolver) for each in unnest.expressions]
    names = _names(unnest)
    if len(columns) != 1 or columns[0].type is None:
        influences = union(through(each.influences, How.TRANSFORMATION) for each in columns)
        made = [Column(name, None, influences) for name in names]
        return relation(made, complete=bool(made), influences=through(influences, How.JOIN))
    (array,) = columns
    found = _elements(columns[0].type)
    if found is None:
        return UNKNOWN
    influences = through(array.influences, How.TRANSFORMATION)
    made = [replace(array, name=name, type=kind, influences=influences) for name, kind in found]
    offset = unnest.args.get("offset")
    if offset:
        made.append(Column(offset.name if isinstance(offset, exp.Identifier) else "ORDINALITY", INT, influences))
    return relation(made, influences=through(influences, How.JOIN))


def _elements(kind: SqlType) -> list[tuple[str, SqlType]] | None:
    if kind.root in ("ARRAY", "MULTISET"):
        (inner,) = kind.parts
        return list(zip(inner.names, inner.parts, strict=True)) if inner.names else [("EXPR$0", inner)]
    if kind.root == "MAP":
        return [("KEY", kind.parts[0]), ("VALUE", kind.parts[1])]
    return None
