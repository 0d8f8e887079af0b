from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Edit, Finding
from featuremill_codegen.lint.rule import BATCH, Rule
from featuremill_codegen.lint.spans import call_span, finding_at, text_of
from featuremill_codegen.lint.subject import Subject

_COLLECTING: dict[type[exp.Expr], str] = {
    exp.ArrayAgg: "COLLECT_LIST",
    exp.ArrayUniqueAgg: "COLLECT_SET",
    exp.GroupConcat: "LISTAGG",
}
_CHOOSING: dict[type[exp.Expr], str] = {
    exp.First: "FIRST",
    exp.FirstValue: "FIRST_VALUE",
    exp.Last: "LAST",
    exp.LastValue: "LAST_VALUE",
    exp.AnyValue: "ANY_VALUE",
}
_BY_NAME = frozenset({"LISTAGG", "STRING_AGG"})
_INDIFFERENT = (exp.ArraySort, exp.ArraySize, exp.ArrayContains, exp.ArrayMax, exp.ArrayMin)
"""What gives the same answer whatever the order: sorting, and what only counts or looks for something."""


class OrderOfRows(Rule):
    """An aggregate whose answer depends on the order in which rows arrive.

    Spark promises no order within a group: it changes with the files, the number of tasks, and which of them is first.
    `collect_list` and `collect_set` need `sort_array` around them, `first`, `last` and `any_value` another function,
    such as `max_by`. (Over a window with ORDER BY, the order is plain.)
    """

    code = "FM220"
    why = "the same date again gives other rows: a rerun changes features, and no comparison with the stream can hold"
    fixable = True
    modes = BATCH

    def check(self, subject: Subject) -> Iterator[Finding]:
        for statement, node in subject.find(*_COLLECTING, *_CHOOSING, exp.Anonymous):
            name = _name(node)
            if name is None or _is_ordered(node) or _is_sorted_later(subject, node):
                continue
            written = text_of(statement, node.this) if node.this is not None and not isinstance(node.this, str) else "…"
            if type(node) in _CHOOSING:
                message = f"{name} takes whichever row comes first or last: another one in every run."
                help = f"MAX({written}), or MAX_BY({written}, …) by what orders them"
            else:
                message = f"{name} keeps the order in which rows arrive: another one in every run."
                help = f"SORT_ARRAY({name}({written}))" if isinstance(node, exp.AggFunc) else "sort the rows"
            place = call_span(statement, node)
            edits: tuple[Edit, ...] = ()
            sortable = isinstance(node, exp.ArrayAgg | exp.ArrayUniqueAgg) and not isinstance(node.parent, exp.Filter)
            if (
                place is not None
                and sortable
                and _has_an_order(subject, node)
                and node.find_ancestor(exp.Window) is None
            ):
                edits = (Edit(place[0], place[0], "SORT_ARRAY("), Edit(place[1], place[1], ")"))
            yield finding_at(statement, self.code, message, place or node, help=help, edits=edits)


def _name(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Anonymous):
        return node.name.upper() if node.name.upper() in _BY_NAME else None
    return _COLLECTING.get(type(node)) or _CHOOSING.get(type(node))


def _is_ordered(node: exp.Expr) -> bool:
    """Whether the rows are in order here (a window's, WITHIN GROUP), or what is around it doesn't ask for one."""
    around = node.parent
    while around is not None and not isinstance(around, exp.Query):
        if isinstance(around, (*_INDIFFERENT, exp.WithinGroup)):
            return True
        if isinstance(around, exp.Window) and around.args.get("order") is not None:
            return True
        around = around.parent
    return False


def _is_sorted_later(subject: Subject, node: exp.Expr) -> bool:
    """Whether every place that uses the column, in the queries around, sorts it."""
    alias = node.find_ancestor(exp.Alias)
    select = node.find_ancestor(exp.Select)
    if alias is None or select is subject.pipeline.query.tree:
        return False
    name = alias.alias.lower()
    uses = [
        each for _, each in subject.find(exp.Column) if each.name.lower() == name and each.parent_select is not select
    ]
    return bool(uses) and all(map(_is_ordered, uses))


def _has_an_order(subject: Subject, node: exp.Expr) -> bool:
    """Whether Spark can sort what is collected: everything but maps."""
    argument = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
    kind = subject.type_of(argument)
    return kind is not None and "MAP<" not in str(kind)
