"""The types that Flink's own functions answer, where they follow from the arguments' types alone."""

from __future__ import annotations

from collections.abc import Callable

from featuremill_codegen.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    STRING,
    TIMESTAMP_3,
    TIMESTAMP_LTZ_3,
    SqlType,
    common,
)

Types = list[SqlType | None]


def _same(types: Types) -> SqlType | None:
    return types[0] if types else None


def _same_number(types: Types) -> SqlType | None:
    """ROUND, ABS and the like keep integers and floats; a DECIMAL's precision may change."""
    first = _same(types)
    return first if first is not None and (first.is_integer or first.root in ("FLOAT", "DOUBLE")) else None


def _sum(types: Types) -> SqlType | None:
    first = _same(types)
    return SqlType("DECIMAL", (38, first.args[1])) if first is not None and first.root == "DECIMAL" else first


def _avg(types: Types) -> SqlType | None:
    """The argument's own type: Flink's AVG of integers is an integer."""
    first = _same(types)
    if first is not None and first.root == "DECIMAL":
        return SqlType("DECIMAL", (38, max(6, first.args[1])))
    return first


def _array(types: Types) -> SqlType | None:
    first = _same(types)
    return SqlType("ARRAY", (), (first,)) if first is not None else None


def _multiset(types: Types) -> SqlType | None:
    first = _same(types)
    return SqlType("MULTISET", (), (first,)) if first is not None else None


_FIXED: dict[SqlType, str] = {
    BIGINT: """COUNT ROW_NUMBER RANK DENSE_RANK EXTRACT YEAR QUARTER MONTH WEEK DAYOFYEAR DAYOFMONTH DAYOFWEEK HOUR
    MINUTE SECOND UNIX_TIMESTAMP""",
    INT: "CHAR_LENGTH CHARACTER_LENGTH POSITION TIMESTAMPDIFF CARDINALITY ASCII INSTR LOCATE",
    DOUBLE: """SQRT LN LOG LOG2 LOG10 EXP POWER SIN COS TAN ASIN ACOS ATAN ATAN2 RADIANS DEGREES PI E RAND
        PERCENT_RANK CUME_DIST""",
    STRING: """CONCAT CONCAT_WS UPPER LOWER SUBSTRING SUBSTR TRIM LTRIM RTRIM REPLACE REGEXP_REPLACE REGEXP_EXTRACT
        DATE_FORMAT FROM_UNIXTIME INITCAP LPAD RPAD REPEAT REVERSE LEFT RIGHT MD5 SHA1 SHA224 SHA256 SHA384 SHA512
        LISTAGG SPLIT_INDEX TO_BASE64 FROM_BASE64 JSON_QUERY JSON_STRING JSON_OBJECT PARSE_URL UUID OVERLAY""",
    BOOLEAN: "REGEXP SIMILAR JSON_EXISTS IS_ALPHA IS_DECIMAL IS_DIGIT STARTSWITH ENDSWITH ARRAY_CONTAINS",
    DATE: "TO_DATE CURRENT_DATE",
    TIMESTAMP_3: "TO_TIMESTAMP LOCALTIMESTAMP",
    TIMESTAMP_LTZ_3: "CURRENT_TIMESTAMP NOW PROCTIME CURRENT_ROW_TIMESTAMP",
}
_RULES: dict[str, Callable[[Types], SqlType | None]] = {
    "SUM": _sum,
    "AVG": _avg,
    "MIN": _same,
    "MAX": _same,
    "FIRST_VALUE": _same,
    "LAST_VALUE": _same,
    "LAG": _same,
    "LEAD": _same,
    "NULLIF": _same,
    "ABS": _same_number,
    "ROUND": _same_number,
    "FLOOR": _same_number,
    "CEIL": _same_number,
    "CEILING": _same_number,
    "COALESCE": common,
    "IFNULL": common,
    "GREATEST": common,
    "LEAST": common,
    "IF": lambda types: common(types[1:]),
    "ARRAY_AGG": _array,
    "COLLECT": _multiset,
}
_BY_NAME = {name: kind for kind, names in _FIXED.items() for name in names.split()}


def function_type(name: str, arguments: Types) -> SqlType | None:
    """The type of a call of Flink's function `name`; None where it isn't known for certain."""
    name = name.upper()
    if name in _BY_NAME:
        return _BY_NAME[name]
    rule = _RULES.get(name)
    return rule(arguments) if rule else None
