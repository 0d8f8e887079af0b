"""Windows and the time that they are over, as several rules need them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp

from featuremill_codegen.dialect.windows import WINDOW_FUNCTIONS, Descriptor, TableArgument
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.relations import Origin
from featuremill_codegen.statements import Statement

WINDOW_COLUMNS = frozenset({"window_start", "window_end", "window_time"})
_OLD_WINDOWS = frozenset({"TUMBLE", "HOP", "SESSION"})


class Window(NamedTuple):
    """A window table function: the column that it is over, and the source columns that this comes from."""

    statement: Statement
    time: exp.Expr
    origins: frozenset[Origin]


def windows(subject: Subject) -> Iterator[Window]:
    """The windows over tables and views that are named; of a window over a subquery nothing is known."""
    for statement, call, name in subject.calls:
        if name not in WINDOW_FUNCTIONS:
            continue
        arguments = [each.expression if isinstance(each, exp.Kwarg) else each for each in call.expressions]
        table = next((each.this for each in arguments if isinstance(each, TableArgument)), None)
        time = next(
            (each.expressions[0] for each in arguments if isinstance(each, Descriptor) and each.expressions), None
        )
        relation = subject.pipeline.environment.relations.get(table.name) if isinstance(table, exp.Table) else None
        column = relation.columns.get(time.name) if relation is not None and time is not None else None
        if column is not None and time is not None:
            yield Window(statement, time, column.origins)


def names_window(node: exp.Expr | None) -> bool:
    """Whether an expression names a column of a window, or is a window of the old form (`TUMBLE(ts, INTERVAL …)`)."""
    if node is None:
        return False
    return any(each.name in WINDOW_COLUMNS for each in node.find_all(exp.Column)) or any(
        each.name.upper() in _OLD_WINDOWS for each in node.find_all(exp.Anonymous)
    )
