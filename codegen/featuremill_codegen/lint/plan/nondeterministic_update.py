from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.plan.places import Place
from featuremill_codegen.lint.plan.planned import Planned
from featuremill_codegen.lint.plan.rule import PlanRule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.streaming.clocks import clock_name
from featuremill_codegen.lint.subject import Subject

_FUNCTION = re.compile(r"non-deterministic function: *`?(\w+)")
_COLUMNS = re.compile(r"The column\(s\): *(.*?) can not satisfy")


class NondeterministicUpdate(PlanRule):
    """An update that is computed anew and comes out different.

    To take a row back, Flink computes it again. A column that a clock, a random function, a lookup or metadata gives
    has another value then, and what keeps the row (an aggregate, a join, the target) doesn't find it. Which columns
    these are is Flink's own analysis; lint's FM207 names such functions wherever they stand, also where they do no
    harm.
    """

    code = "FM613"
    why = "sums and joins keep rows that were taken back long ago, and nothing ever says so"

    def check(self, planned: Planned) -> Iterator[Finding]:
        for warning in planned.nondeterministic:
            function = _FUNCTION.search(warning)
            columns = _COLUMNS.search(warning)
            name = function[1].upper() if function is not None else ""
            what = columns[1].strip().split("(")[0] if columns is not None else ""
            source = f"by {name}" if name else "by what is not the same the second time"
            message = f"`{what}`, made {source}, can't be taken back: Flink computes it again to do so."
            help = "use a column of the rows, or keep the value out of what is updated"
            statement, node = _place(planned, name)
            yield finding_at(statement, self.code, message, node, help=help)


def _place(planned: Planned, name: str) -> Place:
    for statement, node in Subject(planned.pipeline).find(exp.Anonymous, exp.Func, exp.Column):
        called = clock_name(node) or (node.name.upper() if isinstance(node, exp.Anonymous) else "")
        if name and called == name:
            return statement, node
    return planned.pipeline.query, None
