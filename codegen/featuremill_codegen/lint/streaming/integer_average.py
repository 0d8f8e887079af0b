from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Edit, Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.spans import argument_span, call_span, finding_at, text_of
from featuremill_codegen.lint.subject import Subject


class IntegerAverage(Rule):
    """AVG of integers.

    Flink's AVG of an integer column is an integer: the mean of 1, 2 and 2 is 1. So is one over a sum of integers; a
    CAST of the answer comes too late.
    """

    code = "FM202"
    why = "the model was trained on real means, and is served ones that are cut down to whole numbers"
    fixable = True

    def check(self, subject: Subject) -> Iterator[Finding]:
        for statement, average in subject.find(exp.Avg):
            kind = subject.type_of(average.this)
            if kind is None or not kind.is_integer:
                continue
            message = f"AVG of {kind} is {kind} in Flink: the mean of 1, 2 and 2 is 1."
            inside = argument_span(statement, average)
            edits: tuple[Edit, ...] = ()
            if inside is not None and not isinstance(average.this, exp.Distinct):
                edits = (Edit(inside[0], inside[0], "CAST("), Edit(inside[1], inside[1], " AS DOUBLE)"))
            argument = average.this.expressions[0] if isinstance(average.this, exp.Distinct) else average.this
            distinct = "DISTINCT " if isinstance(average.this, exp.Distinct) else ""
            help = f"AVG({distinct}CAST({text_of(statement, argument)} AS DOUBLE))"
            yield finding_at(statement, self.code, message, call_span(statement, average), help=help, edits=edits)
