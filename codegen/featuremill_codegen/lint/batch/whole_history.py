from __future__ import annotations

from collections.abc import Iterator, Set

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BATCH, Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.subject import Subject

_COMPARISONS = (exp.EQ, exp.NullSafeEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In, exp.Like, exp.RegexpLike)


class WholeHistory(Rule):
    """A partitioned table that is read without a condition on what it is partitioned by.

    Each partition is a folder. A condition such as `dt = '${dt}'`, or a range that ends at that day, tells Spark which
    folders to open; it may stand in the query around, too. Without one it opens all of them, on every run.
    """

    code = "FM304"
    why = "every run reads every day since the table began: it takes longer each day, and sees days that came later"
    modes = BATCH

    def check(self, subject: Subject) -> Iterator[Finding]:
        partitioned = {
            table.relation_name: (table.name, [column.name for column in table.columns if column.kind == "partition"])
            for table in subject.tables
        }
        for statement, node in subject.find(exp.Table):
            name, columns = partitioned.get(_name(node), ("", []))
            if not columns or _is_cte(node) or _restricted(subject, node, frozenset(columns), 0):
                continue
            message = f"Every partition of `{name}` is read: nothing says which `{columns[0]}` is wanted."
            help = f"WHERE {columns[0]} = '${{dt}}', or a range that ends there"
            yield finding_at(statement, self.code, message, node, help=help)


_DEEPEST = 50


def _name(table: exp.Table) -> str:
    return ".".join(part.name.lower() for part in table.parts)


def _is_cte(table: exp.Table) -> bool:
    name = table.name.lower()
    return not table.args.get("db") and any(each.alias.lower() == name for each in table.root().find_all(exp.CTE))


def _restricted(subject: Subject, source: exp.Expr, columns: Set[str], depth: int) -> bool:
    """Whether the SELECT that reads a table or subquery, or every query around it, restricts one of its columns."""
    select = source.find_ancestor(exp.Select)
    if select is None or depth > _DEEPEST:
        return False
    alias = source.alias_or_name.lower()
    if _has_condition(select, alias, columns):
        return True
    places, names = _offered(select, alias, columns)
    holder = _holder(select)
    first: exp.Expr | None = select
    while first is not None and first is not holder and isinstance(first.parent, exp.SetOperation):
        first = first.parent
    if isinstance(first, exp.SetOperation):
        leftmost = next(first.find_all(exp.Select))
        names = names | {
            leftmost.expressions[each].alias_or_name.lower() for each in places if each < len(leftmost.expressions)
        }
    if not names:
        return False
    readers = _readers(subject, holder)
    return bool(readers) and all(_restricted(subject, each, names, depth + 1) for each in readers)


def _has_condition(select: exp.Select, alias: str, columns: Set[str]) -> bool:
    clauses = [select.args.get("where"), *(join.args.get("on") for join in select.args.get("joins") or ())]
    wanted = {(table, name) for table in ("", alias) for name in columns}
    compared: list[tuple[set[tuple[str, str]], bool]] = []
    for clause in clauses:
        for comparison in clause.find_all(*_COMPARISONS) if clause is not None else ():
            named = {
                (each.table.lower(), each.name.lower())
                for each in comparison.find_all(exp.Column)
                if each.parent_select is select
            }
            compared.append((named, isinstance(comparison, exp.EQ | exp.NullSafeEQ) and len(named) == 2))
    known = set().union(*(named for named, _ in compared if len(named) == 1)) if compared else set()
    for _ in compared:  # what is equal to something restricted is so itself
        for named, equates in compared:
            if equates and named & known:
                known |= named
    return bool(known & wanted)


def _offered(select: exp.Select, alias: str, columns: Set[str]) -> tuple[list[int], frozenset[str]]:
    """Where the columns come out of a SELECT, and by which names."""
    places: list[int] = []
    names: set[str] = set()
    for place, projection in enumerate(select.expressions):
        if projection.is_star:
            names |= columns
            continue
        inner = projection.unalias()
        if isinstance(inner, exp.Column) and inner.name.lower() in columns and inner.table.lower() in ("", alias):
            places.append(place)
            names.add(projection.alias_or_name.lower())
    return places, frozenset(names)


def _holder(select: exp.Select) -> exp.Expr | None:
    """What a SELECT is the query of: a CTE, a view, a subquery in FROM; None for the whole query."""
    around = select.parent
    while isinstance(around, exp.SetOperation) or (isinstance(around, exp.Subquery) and not _stands_in_from(around)):
        around = around.parent
    return around


def _stands_in_from(subquery: exp.Subquery) -> bool:
    return isinstance(subquery.parent, exp.From | exp.Join)


def _readers(subject: Subject, holder: exp.Expr | None) -> list[exp.Expr]:
    """The places in FROM that read what the holder makes."""
    if isinstance(holder, exp.Subquery):
        return [holder]
    if isinstance(holder, exp.CTE):
        name = holder.alias.lower()
        return [each for each in holder.root().find_all(exp.Table) if _name(each) == name]
    if isinstance(holder, exp.Create):
        schema = holder.this
        view = schema.this if isinstance(schema, exp.Schema) else schema
        return [
            each for _, each in subject.find(exp.Table) if each is not view and each.name.lower() == view.name.lower()
        ]
    return []
