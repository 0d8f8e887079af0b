from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.contract import EVENT_TIME
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.streaming.windows import names_window
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.resolve import OutputColumn

_LAST_BY_ARRIVAL = frozenset({"FIRST_VALUE", "LAST_VALUE", "FIRST_VALUE_IGNORE_NULLS", "LAST_VALUE_IGNORE_NULLS"})


class FallingEventTime(Rule):
    """An updating query whose `event_time` can go back.

    The newer event time wins in Redis, whatever comes later. So in a query that corrects its answers, event time must
    not fall for a key: MAX of a time never falls; MIN, FIRST_VALUE and LAST_VALUE can, and so can the time of a row
    that was chosen by another column (`ROW_NUMBER() … ORDER BY price`).
    """

    code = "FM209"
    why = "the corrected value is taken for an old one and is thrown away, so readers keep the wrong one"

    def check(self, subject: Subject) -> Iterator[Finding]:
        column = next((each for each in subject.pipeline.columns if each.column.name == EVENT_TIME), None)
        if column is None:
            return
        yield from self._aggregated(subject, column)
        yield from self._chosen(subject, column)

    def _aggregated(self, subject: Subject, column: OutputColumn) -> Iterator[Finding]:
        """`MIN(ts) AS event_time` and the like in a GROUP BY without a window."""
        for statement, select in subject.find(exp.Select):
            group = select.args.get("group")
            if group is None or names_window(group):
                continue
            for projection in select.expressions:
                if projection.alias_or_name != EVENT_TIME and projection is not column.node:
                    continue
                for node in projection.find_all(exp.Min, exp.Anonymous):
                    name = "MIN" if isinstance(node, exp.Min) else node.name.upper()
                    if name == "MIN" or name in _LAST_BY_ARRIVAL:
                        message = f"{name} of a time can fall when another row comes."
                        help = "write MAX(…) AS event_time"
                        yield finding_at(statement, self.code, message, node, help=help)

    def _chosen(self, subject: Subject, column: OutputColumn) -> Iterator[Finding]:
        """The time of a row that ROW_NUMBER chose by something else than this time, the newest first."""
        times = {name for _, name in column.column.origins}
        for statement, over in subject.find(exp.Window):
            order = over.args.get("order")
            is_rank = isinstance(over.this, exp.Anonymous) and over.this.name.upper() == "ROW_NUMBER"
            if not is_rank or order is None or any(map(names_window, over.args.get("partition_by") or ())):
                continue
            first = order.expressions[0]
            named = first.this if isinstance(first, exp.Ordered) else first
            select = over.parent_select
            if select is None or not times or not isinstance(named, exp.Column) or not _offers(subject, select, times):
                continue
            if named.name in times and first.args.get("desc"):
                continue
            why = "the oldest first" if named.name in times else f"by `{named.name}`"
            message = f"The row is chosen {why}, so its time can fall when another row comes."
            help = f"ORDER BY {min(times)} DESC"
            yield finding_at(statement, self.code, message, named, help=help)


def _offers(subject: Subject, select: exp.Select, times: set[str]) -> bool:
    """Whether the time comes out of this SELECT: by its name, or by a `*`."""
    return any(
        each.is_star or any(column.name in times for column in each.find_all(exp.Column)) for each in select.expressions
    )
