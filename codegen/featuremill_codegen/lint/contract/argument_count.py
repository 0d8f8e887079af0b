from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.catalogue.functions import functions
from featuremill_codegen.dialect.windows import Descriptor
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.spans import call_span, finding_at
from featuremill_codegen.lint.subject import Subject


class ArgumentCount(Rule):
    """A function called with fewer or more arguments than it takes.

    How many a function takes is what Flink says of it itself. Functions over tables (windows) are left to the planner.
    """

    code = "FM131"
    why = 'the job would end at its start with "Invalid number of arguments"'

    def check(self, subject: Subject) -> Iterator[Finding]:
        known = functions()
        own = {udf.name for udf in subject.pipeline.udfs}
        for statement, node, name in subject.calls:
            function = known.get(name)
            if function is None or node.name in own or function.is_open or not _plain(node):
                continue
            count = len(node.expressions)
            if not function.takes(count):
                message = f"`{node.name}` takes {function.counts()}, not {count}."
                yield finding_at(statement, self.code, message, call_span(statement, node))
        for statement, descriptor in subject.find(Descriptor):
            if not descriptor.expressions:
                help = "name the table's time: DESCRIPTOR(viewed_at)"
                yield finding_at(statement, self.code, "`DESCRIPTOR` names no column.", descriptor.parent, help=help)


def _plain(node: exp.Anonymous) -> bool:
    """Whether the arguments are values, each at its place: no table, no name, no star."""
    values = (exp.Column, exp.Func, exp.Literal, exp.Binary, exp.Unary, exp.Condition)
    odd = (exp.Star, exp.Kwarg)
    return all(isinstance(each, values) and not isinstance(each, odd) for each in node.expressions)
