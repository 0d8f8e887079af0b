"""Where a query decides something: its predicates and the branches of its expressions.

Every SELECT is looked at for itself, over what stands in its own FROM. A look is an expression of that SELECT, a number
that says which outcome a row has; null where the row doesn't come to this place, as in a branch that isn't taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from textwrap import shorten

from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.statements import Statement
from sqlglot import exp

from featuremill_local.coverage.asked import Asked, asked_of
from featuremill_local.coverage.items import FALSE, NULL, TRUE, Item

_RANKS = ("ROW_NUMBER", "RANK", "DENSE_RANK")


@dataclass(frozen=True, slots=True)
class Look:
    """`value` is the expression whose number, from 1, is the outcome of one of `items`, the first outcome's item first.

    A predicate is one item with three outcomes; a choice between branches is an item for each of them. `predicate` is
    what may be null or not, where this is a predicate.
    """

    items: tuple[Item, ...]
    value: exp.Expr
    predicate: exp.Expr | None = None

    def see(self, number: int) -> None:
        """A row had this outcome."""
        if self.predicate is not None:
            self.items[0].seen.add((TRUE, FALSE, NULL)[number - 1])
        else:
            self.items[number - 1].seen.update(self.items[number - 1].outcomes)


@dataclass
class Probe:
    """Looks over the same rows: `query` is a SELECT with the wrong columns, `instead` one where that is refused."""

    statement: Statement
    query: exp.Select
    looks: list[Look] = field(default_factory=list)
    instead: exp.Select | None = None


def probes_of(pipeline: Pipeline) -> tuple[list[Probe], list[Item]]:
    """The probes of all SELECTs of the pipeline, and items that none can look at."""
    probes: list[Probe] = []
    unknown: list[Item] = []
    asked = asked_of(pipeline)
    for statement in pipeline.statements:
        for select in statement.tree.find_all(exp.Select):
            found = _Select(statement, select, asked)
            probes += found.probes()
            unknown += found.unknown
        for match in statement.tree.find_all(exp.MatchRecognize):
            for define in match.args.get("define") or ():
                item = _predicate_item(statement, define.this if isinstance(define, exp.Alias) else define, asked)
                item.unknown = "MATCH_RECOGNIZE is not looked into"
                unknown.append(item)
    return [probe for probe in probes if probe.looks], unknown


class _Select:
    """One SELECT: what it decides before WHERE, behind it, for groups before HAVING, and for its answers."""

    def __init__(self, statement: Statement, select: exp.Select, asked: Asked) -> None:
        self._statement = statement
        self._select = select
        self._asked = asked
        self.unknown: list[Item] = []
        group = select.args.get("group")
        self._keys: list[exp.Expr] = [_meant(each, select) for each in group.expressions] if group is not None else []
        clauses = [*select.expressions, *([select.args["having"]] if select.args.get("having") else [])]
        self._grouped = group is not None or any(self._has_aggregate(each) for each in clauses)
        self._rows = self._probe("from_", "joins", "laterals", "where", "windows", "match")
        parts = ("from_", "joins", "laterals", "where", "group", "having", "windows", "match")
        self._answers = self._probe(*parts) if self._grouped else self._rows

    def probes(self) -> list[Probe]:
        """The probes of this SELECT, those without looks among them."""
        select = self._select
        probes = [*self._joins(), self._where()]
        for projection in select.expressions:
            self._walk(projection, self._answers, [])
        for key in self._keys:
            self._walk(key, self._rows, [])
        if select.args.get("having"):
            groups = self._probe("from_", "joins", "laterals", "where", "group", "match")
            self._predicate(select.args["having"].this, groups, [])
            probes.append(groups)
        return [*probes, self._rows, *([self._answers] if self._grouped else [])]

    def _probe(self, *clauses: str) -> Probe:
        """A probe over these clauses; in the place of names of columns of the answer, which it doesn't have, stands
        what they mean: only where the engine refuses it as it is, since a column of a table goes before such a name.
        """
        probe = Probe(self._statement, _over(self._select, *clauses))
        group = probe.query.args.get("group")
        if group is not None:
            keys = [_meant(each, self._select).copy() for each in group.expressions]
            if any(isinstance(each, exp.Literal) for each in group.expressions):
                group.set("expressions", keys)
            elif keys != group.expressions:
                probe.instead = probe.query.copy()
                probe.instead.args["group"].set("expressions", keys)
        return probe

    def _where(self) -> Probe:
        probe = self._probe("from_", "joins", "laterals", "match")
        where = self._select.args.get("where")
        if where is not None:
            self._predicate(where.this, probe, [])
            rank = _rank_in(self._select)
            if rank is not None:
                # Flink ranks by other columns than time only where the last rank is given
                probe.instead = probe.query.copy().where(f"{rank} <= {2**31 - 1}", copy=False)
        return probe

    def _joins(self) -> Iterator[Probe]:
        """For each join a probe over the pairs of what stands before it and what is joined."""
        joins: Sequence[exp.Join] = self._select.args.get("joins") or ()
        for number, join in enumerate(joins):
            condition = join.args.get("on")
            if condition is None:
                continue
            pairs = _over(self._select, "from_")
            crossed = exp.Join(this=join.this.copy(), kind="CROSS")
            pairs.set("joins", [*(each.copy() for each in joins[:number]), crossed])
            probe = Probe(self._statement, pairs)
            if isinstance(join.this, exp.Table | exp.Subquery) and not join.this.args.get("version"):
                self._predicate(condition, probe, [])
                yield probe
            else:
                for atom in _atoms(condition):
                    item = _predicate_item(self._statement, atom, self._asked)
                    item.unknown = "what is joined depends on the row that it is joined to"
                    self.unknown.append(item)

    def _predicate(self, node: exp.Expr, probe: Probe, reach: list[exp.Expr]) -> None:
        for atom in _atoms(node):
            true, false = exp.Is(this=_bracketed(atom), expression=exp.true()), _is_false(atom)
            value = _choice([true, false])
            item = _predicate_item(self._statement, atom, self._asked)
            probe.looks.append(Look((item,), _reached(reach, value), atom))
            self._walk(atom, probe, reach)

    def _walk(self, node: exp.Expr, probe: Probe, reach: list[exp.Expr]) -> None:
        """Look for branches in an expression whose rows are the probe's, and that is come to where `reach` is true."""
        if isinstance(node, exp.Query | exp.Exists) or (
            probe is self._answers is not self._rows and node in self._keys
        ):
            return
        if isinstance(node, exp.Filter):
            self._predicate(node.expression.this, self._rows, [])
            self._walk(node.this, probe, reach)
            return
        if self._is_grouping(node):
            probe, reach = self._rows, []
        branches = _branches(node)
        if branches is None:
            for child in _children(node):
                self._walk(child, probe, reach)
            return
        conditions, parts, always = branches
        value = _choice(conditions)
        probe.looks.append(Look(tuple(self._branch_items(node, parts)), _reached(reach, value)))
        for number, part in enumerate(parts, start=1):
            later = [exp.GTE(this=value.copy(), expression=_number(number))] if number > 1 else []
            if part.condition is not None:
                self._walk(part.condition, probe, [*reach, *later])
            if part.value is not None:
                self._walk(part.value, probe, [*reach, exp.EQ(this=value.copy(), expression=_number(number))])
        for inner in always:
            self._walk(inner, probe, reach)

    def _branch_items(self, node: exp.Expr, parts: Sequence[_Part]) -> Iterator[Item]:
        for part in parts:
            shown = part.place if part.place is not None else node
            found = finding_at(self._statement, "branch", "", shown)
            text = f"{part.name} {_text(part.place, self._asked)}" if part.place is not None else part.name
            yield Item("branch", found, text, ("taken",))

    def _is_grouping(self, node: exp.Expr) -> bool:
        """Whether this puts the rows of a group together; an aggregate with OVER doesn't."""
        inner = node.parent
        while isinstance(inner, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
            inner = inner.parent
        return self._asked.is_aggregate(node) and not isinstance(inner, exp.Window)

    def _has_aggregate(self, node: exp.Expr) -> bool:
        if isinstance(node, exp.Query | exp.Exists):
            return False
        return self._is_grouping(node) or any(self._has_aggregate(child) for child in _children(node))


@dataclass(frozen=True, slots=True)
class _Part:
    """A branch: its name, the node that is shown for it, what decides over it and what it gives."""

    name: str
    place: exp.Expr | None
    condition: exp.Expr | None = None
    value: exp.Expr | None = None


def _branches(node: exp.Expr) -> tuple[list[exp.Expr], list[_Part], list[exp.Expr]] | None:
    """The conditions under which branches but the last are taken, all branches, and what is computed in any case.

    None of an expression without branches.
    """
    if isinstance(node, exp.Case):
        return _of_case(node)
    name, arguments = _call(node)
    if name == "COALESCE":
        if len(arguments) < 2:
            return None
        conditions: list[exp.Expr] = [_not_null(each) for each in arguments[:-1]]
        return conditions, [_Part("argument", arm, arm) for arm in arguments], []
    if name in ("IF", "NVL2") and len(arguments) == 3:
        decides, met, other = arguments
        condition = decides.copy() if name == "IF" else _not_null(decides)
        parts = [_Part(f"{name} true,", met, None, met), _Part(f"{name} not,", other, None, other)]
        return [condition], parts, [decides]
    if name == "NULLIF" and len(arguments) == 2:
        same = exp.EQ(this=_bracketed(arguments[0]), expression=_bracketed(arguments[1]))
        parts = [_Part("NULLIF of what equals", arguments[1]), _Part("NULLIF of another", arguments[0])]
        return [same], parts, arguments
    return None


def _call(node: exp.Expr) -> tuple[str, list[exp.Expr]]:
    """The name of a function with branches and its arguments, in whatever form the node has; "" of another one."""
    if isinstance(node, exp.Anonymous):
        name = node.name.upper()
        return "COALESCE" if name == "IFNULL" else name, list(node.expressions)
    if isinstance(node, exp.Coalesce):
        return "COALESCE", [node.this, *node.expressions]
    if isinstance(node, exp.Nullif):
        return "NULLIF", [node.this, node.expression]
    if isinstance(node, exp.If | exp.Nvl2):
        arguments = [node.this, node.args["true"], node.args.get("false")]
        return type(node).__name__.upper(), [each for each in arguments if each is not None]
    return "", []


def _of_case(node: exp.Case) -> tuple[list[exp.Expr], list[_Part], list[exp.Expr]]:
    conditions: list[exp.Expr] = []
    parts = []
    for each in node.args["ifs"]:
        operand = node.this
        when = each.this
        met = exp.EQ(this=_bracketed(operand), expression=_bracketed(when)) if operand is not None else when.copy()
        conditions.append(met)
        parts.append(_Part("WHEN", when, when, each.args["true"]))
    default = node.args.get("default")
    parts.append(_Part("ELSE", default, None, default) if default is not None else _Part("ELSE (not written)", None))
    return conditions, parts, [node.this] if node.this is not None else []


def _choice(conditions: Sequence[exp.Expr]) -> exp.Expr:
    """The number, from 1, of the first condition that is true; behind the last one where none is."""
    ifs = [exp.If(this=each.copy(), true=_number(number)) for number, each in enumerate(conditions, start=1)]
    return exp.Case(ifs=ifs, default=_number(len(conditions) + 1))


def _reached(reach: Sequence[exp.Expr], value: exp.Expr) -> exp.Expr:
    """The value where all of these are true, else null; one inside the other, so that none is computed in vain."""
    for condition in reversed(reach):
        value = exp.Case(ifs=[exp.If(this=condition.copy(), true=value)])
    return value


def _atoms(node: exp.Expr) -> Iterator[exp.Expr]:
    """The predicates that AND, OR and NOT (…) put together; TRUE and FALSE are none."""
    if isinstance(node, exp.And | exp.Or):
        yield from _atoms(node.this)
        yield from _atoms(node.expression)
    elif isinstance(node, exp.Paren) or (isinstance(node, exp.Not) and isinstance(node.this, exp.Paren)):
        yield from _atoms(node.this)
    elif not isinstance(node, exp.Boolean):
        yield node


def _predicate_item(statement: Statement, atom: exp.Expr, asked: Asked) -> Item:
    found = finding_at(statement, "predicate", "", atom)
    return Item("predicate", found, _text(atom, asked), (TRUE, FALSE, NULL))


def _text(node: exp.Expr, asked: Asked) -> str:
    """The expression on one line, and not too much of it."""
    return shorten(asked.sql(node), 80, placeholder=" …")


def _meant(key: exp.Expr, select: exp.Select) -> exp.Expr:
    """What GROUP BY 2 or GROUP BY <a column of the answer> means; another key means itself."""
    if isinstance(key, exp.Literal) and key.is_int and 1 <= int(key.name) <= len(select.expressions):
        meant: exp.Expr = select.expressions[int(key.name) - 1]
        return meant.this if isinstance(meant, exp.Alias) else meant
    if isinstance(key, exp.Column) and not key.table:
        aliases = {each.alias.lower(): each for each in select.expressions if isinstance(each, exp.Alias)}
        return aliases[key.name.lower()].this if key.name.lower() in aliases else key
    return key


def _is_false(atom: exp.Expr) -> exp.Expr:
    return exp.Is(this=_bracketed(atom), expression=exp.false())


def _not_null(node: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=_bracketed(node), expression=exp.null()))


def _bracketed(node: exp.Expr) -> exp.Expr:
    return exp.Paren(this=node.copy())


def _number(number: int) -> exp.Expr:
    return exp.Literal.number(number)


def _children(node: exp.Expr) -> Iterator[exp.Expr]:
    for value in node.args.values():
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, exp.Expr):
                yield child


def _over(select: exp.Select, *clauses: str) -> exp.Select:
    """A SELECT with these clauses of another one, and the common table expressions that it can see.

    Hints stay behind: they may name what the clauses don't, and nothing of a case lives so long that they matter.
    """
    made = exp.Select()
    for clause in clauses:
        value = select.args.get(clause)
        if value:
            made.set(clause, [each.copy() for each in value] if isinstance(value, list) else value.copy())
    seen: list[exp.Expr] = []
    around: exp.Expr | None = select
    while around is not None:
        with_ = around.args.get("with_")
        seen = [*(with_.expressions if with_ is not None else ()), *seen]
        around = around.parent
    if seen:
        made.set("with_", exp.With(expressions=[each.copy() for each in seen]))
    return made


def _rank_in(select: exp.Select) -> str | None:
    """The column that a subquery in FROM numbers its rows by, for a Top-N."""
    from_ = select.args.get("from_")
    inner = from_.this.this if from_ is not None and isinstance(from_.this, exp.Subquery) else None
    if not isinstance(inner, exp.Select) or select.args.get("joins"):
        return None
    ranks = [
        each.alias
        for each in inner.expressions
        if isinstance(each, exp.Alias) and isinstance(each.this, exp.Window) and each.this.this.name.upper() in _RANKS
    ]
    return ranks[0] if len(ranks) == 1 else None
