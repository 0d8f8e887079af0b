"""Precision and scale of DECIMAL arithmetic, by Flink's rules: at most 38 digits, of which a fraction keeps six."""

from __future__ import annotations

from featuremill_codegen.types import SqlType

MOST_DIGITS = 38
_KEPT_FRACTION = 6
_INTEGER_DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INT": 10, "BIGINT": 19}


def as_decimal(kind: SqlType) -> SqlType:
    """An integer type as the DECIMAL that holds it; a DECIMAL as it is."""
    return kind if kind.root == "DECIMAL" else decimal(_INTEGER_DIGITS[kind.root], 0)


def decimal(precision: int, scale: int) -> SqlType:
    """DECIMAL(precision, scale)."""
    return SqlType("DECIMAL", (precision, scale))


def fitted(precision: int, scale: int) -> SqlType:
    """The type of a result; one that is too wide loses digits of its fraction first.

    >>> str(fitted(77, 20))
    'DECIMAL(38, 6)'
    """
    if precision <= MOST_DIGITS:
        return decimal(precision, scale)
    whole = precision - scale
    return decimal(MOST_DIGITS, max(MOST_DIGITS - whole, min(scale, _KEPT_FRACTION)))


def added(left: SqlType, right: SqlType) -> SqlType:
    """left + right, left - right."""
    (p, s), (q, t) = left.args, right.args
    scale = max(s, t)
    return fitted(max(p - s, q - t) + scale + 1, scale)


def multiplied(left: SqlType, right: SqlType) -> SqlType:
    """left * right."""
    (p, s), (q, t) = left.args, right.args
    return fitted(p + q + 1, s + t)


def divided(left: SqlType, right: SqlType) -> SqlType:
    """left / right."""
    (p, s), (q, t) = left.args, right.args
    scale = max(_KEPT_FRACTION, s + q + 1)
    return fitted(p - s + t + scale, scale)


def remainder(left: SqlType, right: SqlType) -> SqlType:
    """left % right."""
    (p, s), (q, t) = left.args, right.args
    scale = max(s, t)
    return fitted(min(p - s, q - t) + scale, scale)


def rounded(kind: SqlType, digits: int) -> SqlType:
    """ROUND(x, digits)."""
    precision, scale = kind.args
    if digits >= scale:
        return kind
    whole = 1 + precision - scale
    return decimal(min(MOST_DIGITS, whole), 0) if digits < 0 else decimal(whole + digits, digits)


def summed(kind: SqlType) -> SqlType:
    """SUM(x)."""
    return decimal(MOST_DIGITS, kind.args[1])


def averaged(kind: SqlType) -> SqlType:
    """AVG(x) and the deviations."""
    return decimal(MOST_DIGITS, max(_KEPT_FRACTION, kind.args[1]))


def united(left: SqlType, right: SqlType, *, cut: bool) -> SqlType | None:
    """A type that holds both; where that takes more than 38 digits, one with a shorter fraction, or None."""
    (p, s), (q, t) = left.args, right.args
    scale, whole = max(s, t), max(p - s, q - t)
    if whole + scale <= MOST_DIGITS:
        return decimal(whole + scale, scale)
    return decimal(MOST_DIGITS, MOST_DIGITS - whole) if cut else None
