"""The types that Flink's own functions answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from featuremill_codegen import decimals
from featuremill_codegen.types import (
    BIGINT,
    BOOLEAN,
    BYTES,
    DATE,
    DOUBLE,
    INT,
    STRING,
    TIMESTAMP_3,
    TIMESTAMP_LTZ_3,
    VARIANT,
    SqlType,
)
from featuremill_codegen.widening import common, least_restrictive


@dataclass(frozen=True, slots=True)
class Call:
    """A call's arguments and their types, in order."""

    arguments: tuple[exp.Expr, ...]
    types: tuple[SqlType | None, ...]

    @property
    def first(self) -> SqlType | None:
        """The type of the first argument."""
        return self.types[0] if self.types else None


def _same(call: Call) -> SqlType | None:
    return call.first


def _sum(call: Call) -> SqlType | None:
    kind = call.first
    return decimals.summed(kind) if kind is not None and kind.root == "DECIMAL" else kind


def _average(call: Call) -> SqlType | None:
    """The argument's own type: Flink's AVG of integers is an integer."""
    kind = call.first
    return decimals.averaged(kind) if kind is not None and kind.root == "DECIMAL" else kind


def _rounded(call: Call) -> SqlType | None:
    kind = call.first
    if kind is None or not kind.is_numeric:
        return None
    if kind.root != "DECIMAL":
        return kind
    digits = _integer(call.arguments[1]) if len(call.arguments) > 1 else 0
    return decimals.rounded(kind, digits) if digits is not None else kind


def _whole(call: Call) -> SqlType | None:
    """FLOOR and CEIL of a number."""
    kind = call.first
    if kind is None or not kind.is_numeric:
        return None
    return decimals.decimal(kind.args[0], 0) if kind.root == "DECIMAL" else kind


def _remainder(call: Call) -> SqlType | None:
    if len(call.types) != 2:
        return None
    left, right = call.types
    if left is None or right is None or not (left.is_numeric and right.is_numeric):
        return None
    if left.is_integer and right.is_integer:
        return right
    one, other = decimals.as_decimal(left), decimals.as_decimal(right)
    return right if one.args[1] == other.args[1] == 0 else decimals.remainder(one, other)


def _integer(node: exp.Expr) -> int | None:
    sign = -1 if isinstance(node, exp.Neg) else 1
    literal = node.this if isinstance(node, exp.Neg) else node
    if isinstance(literal, exp.Literal) and not literal.is_string and literal.name.isdecimal():
        return sign * int(literal.name)
    return None


def _varying(call: Call) -> SqlType | None:
    """A part of a text: as long as the text at most."""
    kind = call.first
    return SqlType("VARCHAR", kind.args) if kind is not None and kind.root == "CHAR" else kind


def _overlaid(call: Call) -> SqlType | None:
    texts = call.types[:2]
    if any(each is None or not each.is_text for each in texts) or len(texts) < 2:
        return None
    if STRING in texts:
        return STRING
    return SqlType("VARCHAR", (sum(each.args[0] for each in texts if each is not None),))


def _if(call: Call) -> SqlType | None:
    """Numbers, texts and bytes are widened, of other types the first one counts."""
    branches = call.types[1:]
    if len(branches) != 2 or branches[0] is None:
        return None
    if branches[0].is_numeric or branches[0].is_text or branches[0].is_binary:
        return least_restrictive(branches)
    return branches[0]


def _timestamp_added(call: Call) -> SqlType | None:
    """TIMESTAMPADD(unit, number, time)."""
    if len(call.arguments) != 3:
        return None
    unit, kind = call.arguments[0].name.upper(), call.types[2]
    if kind == DATE and unit in ("HOUR", "MINUTE", "SECOND"):
        return SqlType("TIMESTAMP", (6,))
    if kind == DATE and unit not in ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR"):
        return None
    return kind


def _instant(call: Call) -> SqlType | None:
    """TO_TIMESTAMP_LTZ: milliseconds, or what its second argument asks for."""
    if len(call.arguments) < 2:
        return TIMESTAMP_LTZ_3
    second = call.arguments[1]
    if not isinstance(second, exp.Literal):
        return None
    digits = second.name.count("S") if second.is_string else int(second.name)
    return SqlType("TIMESTAMP_LTZ", (max(3, digits),)) if digits <= 9 else None


def _array_of(call: Call) -> SqlType | None:
    return SqlType("ARRAY", (), (call.first,)) if call.first is not None else None


def _multiset_of(call: Call) -> SqlType | None:
    return SqlType("MULTISET", (), (call.first,)) if call.first is not None else None


def _element(call: Call) -> SqlType | None:
    kind = call.first
    return kind.parts[0] if kind is not None and kind.root in ("ARRAY", "MULTISET") else None


def _with_element(call: Call) -> SqlType | None:
    """ARRAY_APPEND(array, element): certain where the array can hold it."""
    kind = call.first
    if kind is None or kind.root != "ARRAY" or len(call.types) != 2:
        return None
    return kind if common([kind.parts[0], call.types[1]]) == kind.parts[0] else None


def _common(call: Call) -> SqlType | None:
    return common(call.types)


def _first_of_map(call: Call) -> SqlType | None:
    return _map_part(call, 0)


def _second_of_map(call: Call) -> SqlType | None:
    return _map_part(call, 1)


def _map_part(call: Call, index: int) -> SqlType | None:
    kind = call.first
    return SqlType("ARRAY", (), (kind.parts[index],)) if kind is not None and kind.root == "MAP" else None


def _entries(call: Call) -> SqlType | None:
    kind = call.first
    if kind is None or kind.root != "MAP":
        return None
    return SqlType("ARRAY", (), (SqlType("ROW", (), kind.parts, ("key", "value")),))


def _map_from_arrays(call: Call) -> SqlType | None:
    parts = tuple(each.parts[0] for each in call.types if each is not None and each.root == "ARRAY")
    return SqlType("MAP", (), parts) if len(parts) == len(call.types) == 2 else None


def _percentile(call: Call) -> SqlType | None:
    kind = call.types[1] if len(call.types) > 1 else None
    if kind is None:
        return None
    return SqlType("ARRAY", (), (DOUBLE,)) if kind.root == "ARRAY" else DOUBLE


def _names(text: str) -> Sequence[str]:
    return text.split()


_TEXTS = SqlType("ARRAY", (), (STRING,))
_FIXED: dict[SqlType, str] = {
    BIGINT: """COUNT APPROX_COUNT_DISTINCT ROW_NUMBER RANK DENSE_RANK NTILE EXTRACT YEAR QUARTER MONTH WEEK DAYOFYEAR
        DAYOFMONTH DAYOFWEEK HOUR MINUTE SECOND UNIX_TIMESTAMP GROUPING GROUPING_ID INET_ATON BITMAP_CARDINALITY
        BITMAP_BUILD_CARDINALITY_AGG BITMAP_AND_CARDINALITY_AGG BITMAP_OR_CARDINALITY_AGG
        BITMAP_XOR_CARDINALITY_AGG""",
    INT: """CHAR_LENGTH CHARACTER_LENGTH POSITION STR_POSITION TIMESTAMPDIFF CARDINALITY ASCII INSTR LOCATE REGEXP_COUNT
        REGEXP_INSTR ARRAY_POSITION RAND_INTEGER""",
    DOUBLE: """SQRT LN LOG LOG2 LOG10 EXP POWER SIN COS TAN COT ASIN ACOS ATAN ATAN2 SINH COSH TANH RADIANS DEGREES PI E
        RAND PERCENT_RANK CUME_DIST""",
    STRING: """CONCAT CONCAT_WS BTRIM REPLACE REGEXP_REPLACE REGEXP_EXTRACT REGEXP_SUBSTR DATE_FORMAT FROM_UNIXTIME
        CONVERT_TZ LPAD RPAD REPEAT REVERSE SPLIT_INDEX TO_BASE64 FROM_BASE64 JSON_STRING JSON_OBJECT JSON_ARRAY
        JSON_QUOTE JSON_UNQUOTE JSON PARSE_URL URL_ENCODE URL_DECODE PRINTF TRANSLATE CHR DECODE HEX BIN INET_NTOA
        TYPEOF ARRAY_JOIN""",
    SqlType("VARCHAR", (2000,)): "JSON_OBJECTAGG JSON_ARRAYAGG",
    SqlType("CHAR", (36,)): "UUID",
    SqlType("CHAR", (32,)): "MD5",
    SqlType("CHAR", (40,)): "SHA1",
    SqlType("CHAR", (56,)): "SHA224",
    SqlType("CHAR", (64,)): "SHA256",
    SqlType("CHAR", (96,)): "SHA384",
    SqlType("CHAR", (128,)): "SHA512",
    SqlType("VARCHAR", (128,)): "SHA2",
    BOOLEAN: """REGEXP SIMILAR IS_ALPHA IS_DECIMAL IS_DIGIT STARTSWITH ENDSWITH ARRAY_CONTAINS""",
    BYTES: "UNHEX ENCODE",
    DATE: "TO_DATE",
    TIMESTAMP_3: """TO_TIMESTAMP MATCH_ROWTIME TUMBLE_START TUMBLE_END HOP_START HOP_END SESSION_START SESSION_END""",
    TIMESTAMP_LTZ_3: """NOW PROCTIME CURRENT_ROW_TIMESTAMP MATCH_PROCTIME TUMBLE_PROCTIME HOP_PROCTIME
        SESSION_PROCTIME""",
    VARIANT: "PARSE_JSON TRY_PARSE_JSON",
    _TEXTS: "SPLIT REGEXP_EXTRACT_ALL",
    SqlType("MAP", (), (STRING, STRING)): "STR_TO_MAP",
}
_RULES: dict[Callable[[Call], SqlType | None], str] = {
    _same: """MIN MAX FIRST_VALUE LAST_VALUE FIRST LAST PREV NEXT LAG LEAD NULLIF ABS SIGN SINGLE_VALUE UPPER LOWER
        INITCAP LISTAGG ARRAY_DISTINCT ARRAY_REMOVE ARRAY_REVERSE ARRAY_SLICE ARRAY_SORT CURRENT_WATERMARK
        TUMBLE_ROWTIME HOP_ROWTIME SESSION_ROWTIME""",
    _sum: "SUM",
    _average: "AVG STDDEV_POP STDDEV_SAMP STDDEV VAR_POP VAR_SAMP VARIANCE",
    _rounded: "ROUND TRUNCATE",
    _whole: "FLOOR CEIL CEILING",
    _remainder: "MOD",
    _varying: "TRIM LTRIM RTRIM SUBSTRING SUBSTR LEFT RIGHT",
    _overlaid: "OVERLAY",
    _if: "IF",
    _timestamp_added: "TIMESTAMPADD",
    _instant: "TO_TIMESTAMP_LTZ",
    _array_of: "ARRAY_AGG",
    _multiset_of: "COLLECT",
    _element: "ELEMENT ARRAY_MAX ARRAY_MIN",
    _with_element: "ARRAY_APPEND ARRAY_PREPEND",
    _common: "COALESCE IFNULL GREATEST LEAST ARRAY_UNION ARRAY_CONCAT ARRAY_EXCEPT ARRAY_INTERSECT MAP_UNION",
    lambda call: common(call.types[1:]): "ELT",
    _first_of_map: "MAP_KEYS",
    _second_of_map: "MAP_VALUES",
    _entries: "MAP_ENTRIES",
    _map_from_arrays: "MAP_FROM_ARRAYS",
    _percentile: "PERCENTILE",
}
_BY_NAME = {name: kind for kind, names in _FIXED.items() for name in _names(names)}
_RULE_BY_NAME = {name: rule for rule, names in _RULES.items() for name in _names(names)}

AGGREGATES = frozenset(
    _names(
        """APPROX_COUNT_DISTINCT ARRAY_AGG AVG COLLECT COUNT FIRST_VALUE LAST_VALUE LISTAGG MAX MIN PERCENTILE
        SINGLE_VALUE STDDEV STDDEV_POP STDDEV_SAMP SUM VAR_POP VAR_SAMP VARIANCE JSON_OBJECTAGG JSON_ARRAYAGG
        BITMAP_BUILD_AGG BITMAP_AND_AGG BITMAP_OR_AGG BITMAP_XOR_AGG BITMAP_BUILD_CARDINALITY_AGG
        BITMAP_AND_CARDINALITY_AGG BITMAP_OR_CARDINALITY_AGG BITMAP_XOR_CARDINALITY_AGG"""
    )
)
"""Functions that put the values of many rows together."""


def function_type(name: str, call: Call) -> SqlType | None:
    """The type of a call of Flink's function `name`; None where it isn't known for certain."""
    name = name.upper()
    if name in _BY_NAME:
        return _BY_NAME[name]
    rule = _RULE_BY_NAME.get(name)
    return rule(call) if rule is not None else None
