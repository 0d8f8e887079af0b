from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BATCH, Rule
from featuremill_codegen.lint.spans import finding_at, text_of
from featuremill_codegen.lint.subject import Subject

_BINARY = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv)


class TextAsNumber(Rule):
    """A text that meets a number.

    Spark casts the text to a number without being asked: in `code = 0`, `code + 1`, `code IN (1, 2)` and `SUM(code)`.
    It follows ANSI, so a text that is no number is an error, not NULL as in Hive.
    """

    code = "FM222"
    why = "one odd text ends the run, and no entity gets its values of that day"
    modes = BATCH

    def check(self, subject: Subject) -> Iterator[Finding]:
        for statement, node in subject.find(*_BINARY, exp.In, exp.Between, exp.Sum, exp.Avg):
            if isinstance(node, exp.Sum | exp.Avg):
                parts, numbers = [node.this], True
            else:
                others = [*node.expressions, node.args.get("expression"), node.args.get("low"), node.args.get("high")]
                parts = [node.this, *(each for each in others if each is not None)]
                numbers = any(_is_number(subject, each) for each in parts)
            for part in parts if numbers else ():
                kind = subject.type_of(part)
                if kind is None or not kind.is_text or isinstance(part, exp.Literal):
                    continue
                written = text_of(statement, part)
                message = f"`{written}` is a text, and is cast to a number here: one that is none ends the run."
                help = f"compare it with a text ('0'), or write TRY_CAST({written} AS BIGINT)"
                yield finding_at(statement, self.code, message, part, help=help)


def _is_number(subject: Subject, node: exp.Expr) -> bool:
    kind = subject.type_of(node)
    return kind is not None and kind.is_numeric
