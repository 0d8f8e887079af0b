from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.contract import EVENT_TIME
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.streaming.clocks import CLOCKS, clocks_in
from featuremill_codegen.lint.streaming.windows import windows
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.relations import Origin


class ProcessingTime(Rule):
    """Processing time where event time is meant.

    A window over PROCTIME(), an order by it, or an `event_time` that is the clock's: the answer then depends on when
    the job ran, not on when things happened. Processing time is right in a lookup join (`FOR SYSTEM_TIME AS OF`)
    alone.
    """

    code = "FM206"
    why = "a replay, a backfill or an hour of delay gives other values than the ones the model was trained on"

    def check(self, subject: Subject) -> Iterator[Finding]:
        clocks = _clock_columns(subject)
        help = "use the time that the rows carry: a column with a WATERMARK in source.sql"
        for window in windows(subject):
            if window.origins & clocks:
                message = f"This window is over `{window.time.name}`, which is processing time."
                yield finding_at(window.statement, self.code, message, window.time, help=help)
        names = {name for _, name in clocks}
        for statement, over in subject.find(exp.Window):
            order = over.args.get("order")
            for each in order.find_all(exp.Column) if order is not None else ():
                if each.name in names:
                    message = f"The order is by `{each.name}`, which is processing time."
                    yield finding_at(statement, self.code, message, each, help=help)
        for column in subject.pipeline.columns:
            if column.column.name != EVENT_TIME or column.node is None:
                continue
            if column.column.origins & clocks or any(True for _ in clocks_in(column.node)):
                message = "`event_time` is the clock's time here, not when the values were true."
                yield finding_at(subject.pipeline.query, self.code, message, column.node, help=help)


def _clock_columns(subject: Subject) -> frozenset[Origin]:
    """The source columns that are computed from a clock."""
    found = set()
    for table in subject.tables:
        for each in table.statement.tree.find_all(exp.ColumnDef):
            for formula in each.find_all(exp.ComputedColumnConstraint):
                if any(node.name.upper() in CLOCKS for node in formula.find_all(exp.Anonymous)):
                    found.add(Origin(table.name, each.name))
    return frozenset(found)
