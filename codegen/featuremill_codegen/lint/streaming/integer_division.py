from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.spans import finding_at, text_of
from featuremill_codegen.lint.subject import Subject


class IntegerDivision(Rule):
    """One integer divided by another.

    In Flink 1 / 2 is 0. A share such as clicks by views is nearly always meant as a fraction; where the whole part is
    meant, FLOOR around it says so.
    """

    code = "FM213"
    why = "a share of two counts is 0 for nearly every entity, and nothing fails"

    def check(self, subject: Subject) -> Iterator[Finding]:
        for statement, division in subject.find(exp.Div):
            left, right = subject.type_of(division.this), subject.type_of(division.expression)
            if left is None or right is None or not (left.is_integer and right.is_integer):
                continue
            if isinstance(division.parent, exp.Floor) or isinstance(division.expression, exp.Literal):
                continue
            message = f"{left} / {right} is a whole number in Flink: 1 / 2 is 0."
            first, second = text_of(statement, division.this), text_of(statement, division.expression)
            help = f"CAST({first} AS DOUBLE) / {second}, or FLOOR({first} / {second}) where the whole part is meant"
            yield finding_at(statement, self.code, message, division, help=help)
