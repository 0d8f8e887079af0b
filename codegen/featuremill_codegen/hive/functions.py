"""The types that functions of HiveQL answer on Spark, by the classes and names that sqlglot gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from featuremill_codegen import decimals
from featuremill_codegen.hive.types import TIMESTAMP
from featuremill_codegen.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    INTEGERS,
    NULL,
    STRING,
    SqlType,
)

Types = Sequence[SqlType | None]


def widest(types: Types) -> SqlType | None:
    """One type for several: integers, and FLOAT with DOUBLE, are widened; else all must be the same."""
    if any(each is None for each in types):
        return None
    known = [each for each in types if each is not None and each != NULL]
    if not known:
        return None
    if len(set(known)) == 1:
        return known[0]
    if all(each.is_integer for each in known):
        return max(known, key=lambda each: INTEGERS.index(each.root))
    if DOUBLE in known and all(each.is_numeric for each in known):
        return DOUBLE
    if FLOAT in known and all(each.is_integer or each == FLOAT for each in known):
        return FLOAT
    return STRING if all(each.is_text for each in known) else None


def _first(types: Types) -> SqlType | None:
    return types[0] if types else None


def _sum(types: Types) -> SqlType | None:
    kind = _first(types)
    if kind is not None and kind.is_text:
        return DOUBLE
    if kind is None or not kind.is_numeric:
        return None
    if kind.root == "DECIMAL":
        return decimals.decimal(min(decimals.MOST_DIGITS, kind.args[0] + 10), kind.args[1])
    return BIGINT if kind.is_integer else DOUBLE


def _average(types: Types) -> SqlType | None:
    kind = _first(types)
    if kind is not None and kind.is_text:
        return DOUBLE
    if kind is None or not kind.is_numeric:
        return None
    if kind.root == "DECIMAL":
        return decimals.fitted(kind.args[0] + 4, kind.args[1] + 4)
    return DOUBLE


def _whole(types: Types) -> SqlType | None:
    kind = _first(types)
    return BIGINT if kind is not None and (kind.is_integer or kind in (FLOAT, DOUBLE)) else None


def _number(types: Types) -> SqlType | None:
    kind = _first(types)
    return kind if kind is not None and (kind.is_integer or kind in (FLOAT, DOUBLE)) else None


def _array(types: Types) -> SqlType | None:
    kind = _first(types)
    return SqlType("ARRAY", (), (kind,)) if kind is not None else None


def _element(types: Types) -> SqlType | None:
    kind = _first(types)
    return kind.parts[-1] if kind is not None and kind.root in ("ARRAY", "MAP") else None


def _exploded(types: Types) -> SqlType | None:
    kind = _first(types)
    return kind.parts[0] if kind is not None and kind.root == "ARRAY" else None


def _keys(types: Types) -> SqlType | None:
    kind = _first(types)
    return SqlType("ARRAY", (), (kind.parts[0],)) if kind is not None and kind.root == "MAP" else None


def _values(types: Types) -> SqlType | None:
    kind = _first(types)
    return SqlType("ARRAY", (), (kind.parts[1],)) if kind is not None and kind.root == "MAP" else None


_FIXED: dict[SqlType, str] = {
    BIGINT: "COUNT COUNT_IF APPROX_DISTINCT STR_TO_UNIX",
    INT: """ARRAY_SIZE LENGTH DATEDIFF DATE_DIFF YEAR QUARTER MONTH DAY HOUR MINUTE SECOND DAY_OF_WEEK DAY_OF_MONTH
        DAY_OF_YEAR WEEK_OF_YEAR STR_POSITION ROW_NUMBER RANK DENSE_RANK NTILE HASH""",
    DOUBLE: """STDDEV STDDEV_POP STDDEV_SAMP VARIANCE VARIANCE_POP CORR COVAR_POP COVAR_SAMP QUANTILE POW LN SQRT EXP
        RAND PERCENT_RANK CUME_DIST SKEWNESS KURTOSIS""",
    STRING: """CONCAT CONCAT_WS LOWER UPPER TRIM PAD SUBSTRING REGEXP_EXTRACT REGEXP_REPLACE JSON_EXTRACT_SCALAR
        UNIX_TO_STR TIME_TO_STR MD5 SHA2 SHA INITCAP""",
    BOOLEAN: "ISNULL ISNOTNULL ARRAY_CONTAINS LOGICAL_OR LOGICAL_AND",
    DATE: "TS_OR_DS_TO_DATE TS_OR_DS_ADD CURRENT_DATE LAST_DAY ADD_MONTHS MAKE_DATE",
    TIMESTAMP: "CURRENT_TIMESTAMP NOW",
    SqlType("ARRAY", (), (STRING,)): "REGEXP_SPLIT SPLIT",
    SqlType("MAP", (), (STRING, STRING)): "STR_TO_MAP",
}
_RULES: dict[Callable[[Types], SqlType | None], str] = {
    _first: """MIN MAX FIRST LAST FIRST_VALUE LAST_VALUE LAG LEAD NULLIF ANY_VALUE ARG_MAX ARG_MIN ARRAY_SORT SORT_ARRAY
        ARRAY_DISTINCT""",
    _sum: "SUM",
    _average: "AVG",
    _whole: "CEIL FLOOR",
    _number: "ABS ROUND",
    _array: "ARRAY_AGG ARRAY_UNIQUE_AGG",
    _element: "ELEMENT_AT",
    _exploded: "EXPLODE",
    _keys: "MAP_KEYS",
    _values: "MAP_VALUES",
    widest: "COALESCE GREATEST LEAST",
}
_BY_NAME = {name: kind for kind, names in _FIXED.items() for name in names.split()}
_RULE_BY_NAME = {name: rule for rule, names in _RULES.items() for name in names.split()}


def function_type(name: str, types: Types) -> SqlType | None:
    """The type of a call; None where it isn't certain."""
    name = name.upper()
    if name in _BY_NAME:
        return _BY_NAME[name]
    rule = _RULE_BY_NAME.get(name)
    return rule(types) if rule is not None else None
