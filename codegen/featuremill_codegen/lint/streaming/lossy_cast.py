from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.decimals import as_decimal
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BOTH, Rule
from featuremill_codegen.lint.spans import finding_at, text_of
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.types import INTEGERS, SqlType

_ROUNDED = frozenset({"ROUND", "TRUNCATE", "SIGN", "CEIL", "CEILING", "FLOOR"})


class LossyCast(Rule):
    """A CAST to a number that can't hold what it is given.

    A fraction is cut off, a whole number that is too large wraps around to a negative one, and a FLOAT knows seven
    digits only. ROUND, FLOOR or CEIL inside the CAST says that a fraction is cut off on purpose. (In a batch, Spark
    ends the run where a number is too large, so there it is fractions and digits alone.)
    """

    code = "FM210"
    why = "nothing fails: another number is written, in Flink a negative one where a large one was"
    modes = BOTH

    def check(self, subject: Subject) -> Iterator[Finding]:
        for statement, cast in subject.find(exp.Cast):
            source, target = subject.type_of(cast.this), subject.type_of(cast)
            if source is None or target is None or isinstance(cast.this, exp.Literal):
                continue
            loss = _loss(source, target)
            if loss is None or (loss == _FRACTION and _is_rounded(cast.this)):
                continue
            if subject.pipeline.mode == "batch" and loss not in (_FRACTION, _DIGITS):
                continue
            message = f"{source} doesn't fit into {target}: {loss}."
            inner = text_of(statement, cast.this)
            help = f"ROUND({inner}) inside says that it is meant" if loss == _FRACTION else "cast to a wider type"
            yield finding_at(statement, self.code, message, cast.this, help=help)


_FRACTION = "the fraction is cut off"
_WRAPS = "a large number wraps around to another one"
_DIGITS = "a FLOAT keeps seven digits"


def _loss(source: SqlType, target: SqlType) -> str | None:
    """What is lost between two types; None where nothing is, or where that isn't known."""
    fractions = source.root in ("FLOAT", "DOUBLE") or (source.root == "DECIMAL" and source.args[1] > 0)
    if target.is_integer:
        if fractions:
            return _FRACTION
        if source.is_integer and INTEGERS.index(source.root) > INTEGERS.index(target.root):
            return _WRAPS
    if target.root == "FLOAT" and source.root in ("DOUBLE", "INT", "BIGINT"):
        return _DIGITS
    if target.root == "DECIMAL" and (source.root == "DECIMAL" or source.is_integer):
        (precision, scale), (most, kept) = as_decimal(source).args, target.args
        if scale > kept:
            return _FRACTION if kept == 0 else f"digits behind the {kept}. place are cut off"
        if precision - scale > most - kept:
            return "a number that is too large becomes NULL"
    return None


def _is_rounded(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren):
        return _is_rounded(node.this)
    return isinstance(node, exp.Floor | exp.Ceil | exp.Round) or (
        isinstance(node, exp.Anonymous) and node.name.upper() in _ROUNDED
    )
