from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.catalogue.functions import functions
from featuremill_codegen.contract import EVENT_TIME
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.batch.volatile import CLOCKS as SPARK_CLOCKS
from featuremill_codegen.lint.batch.volatile import volatile_name
from featuremill_codegen.lint.rule import BOTH, Rule
from featuremill_codegen.lint.spans import call_span, finding_at, full_span
from featuremill_codegen.lint.streaming.clocks import CLOCKS, clock_name
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.statements import Statement


class NondeterministicFunction(Rule):
    """A function that answers something else every time.

    RAND, UUID, and all that read the clock. An updating query computes a row again to take it back, and a replay
    computes all of them again: with such a function the second answer is not the first. Which functions these are
    Flink says itself. In a batch, a date that is run again later has to give the same rows: the day that is computed is
    `'${dt}'`, not today.
    """

    code = "FM207"
    why = "a replay gives other features for the same rows, and a retraction doesn't find the row that it takes back"
    modes = BOTH

    def check(self, subject: Subject) -> Iterator[Finding]:
        if subject.pipeline.mode == "batch":
            yield from self._in_batch(subject)
            return
        known = functions()
        own = {udf.name.upper() for udf in subject.pipeline.udfs}
        nodes = subject.find(exp.Anonymous, exp.Column, exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime)
        for statement, node in nodes:
            name = clock_name(node)
            if name is None and isinstance(node, exp.Anonymous) and node.name.upper() not in own | CLOCKS:
                function = known.get(node.name.upper())
                name = node.name.upper() if function is not None and not function.deterministic else None
            if name is None or _has_its_place(node):
                continue
            message = f"{name} gives another answer every time it is asked."
            help = "use a column of the rows"
            if name in CLOCKS:
                help += ": the time that they carry"
            yield finding_at(statement, self.code, message, _place(statement, node, name), help=help)

    def _in_batch(self, subject: Subject) -> Iterator[Finding]:
        for statement, node in subject.find(exp.Func):
            name = volatile_name(node)
            if name is not None:
                message = f"{name} gives another answer every time it is asked."
                help = "use '${dt}', the day that is computed" if name in SPARK_CLOCKS else "use a column of the rows"
                yield finding_at(statement, self.code, message, _place(statement, node, name), help=help)


def _has_its_place(node: exp.Expr) -> bool:
    """Whether a clock is right here (a lookup join), or another rule's business (`event_time`)."""
    if node.find_ancestor(exp.Version) is not None:
        return True
    alias = node.find_ancestor(exp.Alias)
    return alias is not None and alias.alias == EVENT_TIME and clock_name(node) is not None


def _place(statement: Statement, node: exp.Expr, name: str) -> tuple[int, int] | exp.Expr:
    near: exp.Expr = node
    while near.parent is not None and all(each.meta.get("start") is None for each in near.walk()):
        near = near.parent
    place = call_span(statement, node)
    if place is None and near is not node:  # CURRENT_DATE without brackets keeps no place of its own
        start, end = full_span(statement, near) or (0, len(statement.source.text))
        words = (each for each in statement.tokens if start <= each.start < end and each.text.upper() == name)
        place = next(((each.start, each.end + 1) for each in words), None)
    return place or near
