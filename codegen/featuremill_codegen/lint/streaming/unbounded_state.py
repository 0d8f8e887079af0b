from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.streaming.joins import hints, is_regular, state_expires
from featuremill_codegen.lint.streaming.windows import names_window
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.statements import Statement

_RANKS = frozenset({"ROW_NUMBER", "RANK", "DENSE_RANK"})


class UnboundedState(Rule):
    """State that grows for ever.

    A regular join keeps every row of both sides, and so do IN and EXISTS with a subquery; a GROUP BY without a window
    keeps every group, OVER and ROW_NUMBER every partition, DISTINCT every row. Nothing of it is ever dropped unless
    `table.exec.state.ttl` in `feature.yaml` (or a STATE_TTL hint behind SELECT) says when. Windows, interval joins and
    lookup joins drop their state by themselves.
    """

    code = "FM205"
    why = (
        "checkpoints grow with every key ever seen, until they take longer than their interval and the job stops moving"
    )

    def check(self, subject: Subject) -> Iterator[Finding]:
        if state_expires(subject):
            return
        help = "feature.yaml: `flink: {table.exec.state.ttl: 2 d}`, longer than any row matters; or use a window"
        for statement, select in subject.find(exp.Select):
            if "STATE_TTL" in hints(select):
                continue
            for what, node in _unbounded(select):
                yield finding_at(statement, self.code, f"{what} for ever.", _place(statement, node), help=help)
        for statement, operation in subject.find(exp.SetOperation):
            if operation.args.get("distinct") or not isinstance(operation, exp.Union):
                word = type(operation).__name__.upper()
                message = f"{word} keeps every row for ever."
                more = f"UNION ALL keeps none; or {help}" if isinstance(operation, exp.Union) else help
                yield finding_at(statement, self.code, message, _place(statement, operation.right), help=more)


def _unbounded(select: exp.Select) -> Iterator[tuple[str, exp.Expr]]:
    where = select.args.get("where")
    for test in where.find_all(exp.In, exp.Exists) if where is not None else ():
        query = test.args.get("query") if isinstance(test, exp.In) else test.this
        if isinstance(query, exp.Query) and test.parent_select is select and not names_window(query):
            word = "IN" if isinstance(test, exp.In) else "EXISTS"
            yield f"{word} with a subquery keeps every row of both sides", test
    for join in select.args.get("joins") or ():
        if is_regular(join):
            yield "This join keeps every row of both sides", join.this
    group = select.args.get("group")
    if group is not None and not any(names_window(each) for each in group.find_all(exp.Column, exp.Anonymous)):
        yield "This GROUP BY keeps every group", group
    distinct = select.args.get("distinct")
    if distinct is not None and not any(map(names_window, select.expressions)):
        yield "DISTINCT keeps every row", select.expressions[0]
    for projection in select.expressions:
        for over in projection.find_all(exp.Window):
            window = _definition(select, over)
            if over.parent_select is not select or any(map(names_window, window.args.get("partition_by") or ())):
                continue
            if isinstance(over.this, exp.Anonymous) and over.this.name.upper() in _RANKS:
                yield f"{over.this.name.upper()} keeps every partition", over.this
            elif not _is_bounded(window):
                yield "OVER without a bound keeps every partition", over.this


def _definition(select: exp.Select, over: exp.Window) -> exp.Window:
    """What the SELECT's WINDOW clause says where OVER names one of its windows; else OVER itself."""
    windows: list[exp.Window] = select.args.get("windows") or []
    return next((each for each in windows if each.name == over.alias), over)


def _is_bounded(over: exp.Window) -> bool:
    """Whether the frame is of a length of time: rows behind it are dropped."""
    spec = over.args.get("spec")
    if spec is None:
        return False
    start = spec.args.get("start")
    return isinstance(start, exp.Expr) and start.find(exp.Interval) is not None


def _place(statement: Statement, node: exp.Expr) -> exp.Expr | tuple[int, int] | None:
    start = node.meta.get("start")
    return (start, node.meta["end"] + 1) if start is not None else node
