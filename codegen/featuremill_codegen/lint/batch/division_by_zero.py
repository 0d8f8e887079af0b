from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Edit, Finding
from featuremill_codegen.lint.batch.counts import is_positive
from featuremill_codegen.lint.rule import BATCH, Rule
from featuremill_codegen.lint.spans import finding_at, full_span, text_of
from featuremill_codegen.lint.subject import Subject

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)


class DivisionByZero(Rule):
    """A division by what can be zero.

    Spark follows ANSI: `1 / 0` is an error, not NULL as in Hive, and so are `DIV` and `%`. NULLIF around the divisor
    gives NULL for such a row. (COUNT(*) of a group, in a view, too, and a sum of such counts, a CASE or IF around the
    division, and a WHERE or HAVING that compares the divisor are fine.)
    """

    code = "FM221"
    why = "one group without a single row to divide by ends the run, and no entity gets its values of that day"
    fixable = True
    modes = BATCH

    def check(self, subject: Subject) -> Iterator[Finding]:
        for statement, node in subject.find(exp.Div, exp.IntDiv, exp.Mod):
            divisor = node.expression
            if _is_never_zero(divisor) or is_positive(divisor, subject):
                continue
            if node.find_ancestor(exp.Case, exp.If) is not None or _is_compared(divisor):
                continue
            written = text_of(statement, divisor)
            place = full_span(statement, divisor)
            edits = (Edit(place[0], place[0], "NULLIF("), Edit(place[1], place[1], ", 0)")) if place else ()
            message = f"Where `{written}` is 0, the run ends here."
            yield finding_at(statement, self.code, message, divisor, help=f"NULLIF({written}, 0)", edits=edits)


def _is_never_zero(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren | exp.Cast | exp.Window):
        return _is_never_zero(node.this)
    if isinstance(node, exp.Literal):
        return not node.is_number or float(node.name) != 0
    if isinstance(node, exp.Count):
        return isinstance(node.this, exp.Star | exp.Literal)
    if isinstance(node, exp.Sum | exp.Neg | exp.Abs):
        return isinstance(node.this, exp.Literal) and _is_never_zero(node.this)
    if isinstance(node, exp.Greatest):
        return any(isinstance(each, exp.Literal) and _is_never_zero(each) for each in (node.this, *node.expressions))
    if isinstance(node, exp.Mul):
        return _is_never_zero(node.this) and _is_never_zero(node.expression)
    return isinstance(node, exp.Nullif | exp.Null | exp.Pi)


def _is_compared(divisor: exp.Expr) -> bool:
    """Whether WHERE or HAVING of the same SELECT, or its FILTER, compares what is divided by."""
    select = divisor.find_ancestor(exp.Select)
    clauses = [select.args.get("where"), select.args.get("having")] if select is not None else []
    inner = divisor.unnest()
    for clause in clauses:
        for comparison in clause.find_all(*_COMPARISONS) if clause is not None else ():
            if inner in (comparison.this, comparison.args.get("expression")):
                return True
    return False
