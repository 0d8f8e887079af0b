"""Which words are keywords, and putting them into upper case where that is certain."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from featuremill_codegen.formatter.comments import Token
from featuremill_codegen.formatter.lexemes import Kind

_CLAUSES = """
ADD AFTER ALL ALTER ALWAYS AND ANALYZE ANTI ANY AS ASC AT BEGIN BETWEEN BOTH BUCKETS BY CASCADE CASE CATALOG CHANGELOG
CLUSTER CLUSTERED COLUMN COLUMNS COMMENT COMPUTE CONSTRAINT CREATE CROSS CUBE CURRENT DATABASE DATABASES DEFAULT DEFINE
DELIMITED DESC DESCRIBE DISTINCT DISTRIBUTE DISTRIBUTED DROP ELSE EMPTY END ENFORCED ERROR ESCAPE EXCEPT EXCHANGE
EXCLUDING EXECUTE EXISTS EXPLAIN EXTENDED EXTERNAL FALSE FETCH FIELDS FILTER FINAL FIRST FOLLOWING FOR FORMAT FRESHNESS
FROM FULL FUNCTION FUNCTIONS GENERATED GROUP GROUPING GROUPS HAVING IF IGNORE IN INCLUDING INNER INPUTFORMAT INSERT
INTERSECT INTERVAL INTO IS ITEMS JAR JAVA JOIN KEY KEYS LANGUAGE LAST LATERAL LEADING LEFT LIKE LIMIT LINES LOCATION
 MATCH MATCH_RECOGNIZE MATERIALIZED MEASURES METADATA MINUS MODIFY NATURAL NEXT NO NOT NULL NULLS OF OFFSET
OMIT ON ONE ONLY OR ORDER OUTER OUTPUTFORMAT OVER OVERWRITE OVERWRITING PARTITION PARTITIONED PARTITIONS PAST PATTERN
PER PRECEDING PRIMARY PURGE PYTHON QUALIFY RANGE RECURSIVE REFRESH_MODE REGEXP RENAME REPLACE RESET RESPECT RETURNING
RIGHT RLIKE ROLLUP ROW ROWS SCALA SELECT SEMI SERDE SERDEPROPERTIES SET SETS SHOW SIMILAR SKEWED SKIP SORT SORTED
STATEMENT STORED SUBSET SYSTEM SYSTEM_TIME TABLE TABLES TABLESAMPLE TBLPROPERTIES TEMPORARY TERMINATED THEN TIES TO
TRAILING TRUE TRUNCATE UESCAPE UNBOUNDED UNION UNIQUE UNKNOWN USE USING VALUE VALUES VIEW VIEWS VIRTUAL WATERMARK
WHEN WHERE WINDOW WITH WITHIN WITHOUT WRAPPER CONDITIONAL UNCONDITIONAL OPTIONS ABSENT SCALAR
"""
_UNITS = "YEAR YEARS QUARTER MONTH MONTHS WEEK WEEKS DAY DAYS HOUR HOURS MINUTE MINUTES SECOND SECONDS"
_TYPES = """
ARRAY BIGINT BINARY BOOLEAN BYTES CHAR CHARACTER DATE DECIMAL DEC DOUBLE FLOAT INT INTEGER LOCAL MAP MULTISET NUMERIC
ORC PARQUET AVRO TEXTFILE SEQUENCEFILE RCFILE JSONFILE PRECISION RAW REAL SMALLINT STRING STRUCT TIME TIMESTAMP
TIMESTAMP_LTZ TINYINT UNIONTYPE VARBINARY VARCHAR VARIANT VARYING ZONE
"""
_VALUES = "CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP"
_FUNCTIONS = """
AVG CAST CEIL COALESCE COLLECT COUNT CUMULATE CUME_DIST DENSE_RANK DESCRIPTOR EXTRACT FIRST_VALUE FLOOR GROUPING HOP
IF JSON_ARRAY JSON_ARRAYAGG JSON_EXISTS JSON_OBJECT JSON_OBJECTAGG JSON_QUERY JSON_VALUE LAG LAST_VALUE LEAD LISTAGG
MATCH_ROWTIME MAX MIN NTILE NULLIF OVERLAY PERCENT_RANK POSITION PROCTIME RANK ROW_NUMBER SESSION STDDEV_POP
STDDEV_SAMP SUBSTRING SUM TRIM TRY_CAST TUMBLE UNNEST VAR_POP VAR_SAMP
"""
_NAMES_IF_CALLED = "FIRST LAST IGNORE NEXT REPLACE RESET SKIP TO TRUNCATE FORMAT LOCATION JAR"
_CALLED = frozenset(f"{_FUNCTIONS} {_TYPES} {_UNITS} LEFT RIGHT TABLE CUBE ROLLUP ROW REPLACE".split())
_ONLY_CALLED = frozenset(_FUNCTIONS.split()) - frozenset(_CLAUSES.split())
_NEVER_CALLED = frozenset(_NAMES_IF_CALLED.split())
"""Before a bracket they are a function's name, which a person may have given."""
SPACED = frozenset(_CLAUSES.split()) - _CALLED
"""Keywords with a space before a bracket: `IN (…)`, but `CAST(…)`."""
KEYWORDS = frozenset(f"{_CLAUSES} {_UNITS} {_TYPES} {_VALUES} {_FUNCTIONS}".split())

_NO_OPERAND = frozenset(f"FALSE TRUE NULL END {_VALUES} {_UNITS}".split())
"""Keywords that end an operand: a minus behind them has two sides."""


def raise_case(tokens: Sequence[Token], names: Collection[str]) -> None:
    """Put keywords into upper case; other words have no `word` then.

    `names` are the words that the tree knows as names, as they are written: such a word is no keyword for certain.
    """
    for index, token in enumerate(tokens):
        if token.kind is Kind.WORD:
            previous = tokens[index - 1].text if index else ""
            following = tokens[index + 1].text if index + 1 < len(tokens) else ""
            if token.text not in names and _is_keyword(token.word, previous, following):
                token.text = token.word
            else:
                token.word = ""


def _is_keyword(word: str, previous: str, following: str) -> bool:
    if word not in KEYWORDS or "." in (previous, following) or following in ("=>", ":"):
        return False
    if word == "FILTER":
        return previous == ")"
    return word not in (_NEVER_CALLED if following == "(" else _ONLY_CALLED)


def mark_unary(tokens: Sequence[Token]) -> None:
    """Tell the operators with one operand, and the `*` that stands for columns or rows, from those with two."""
    previous: Token | None = None
    for index, token in enumerate(tokens):
        if token.text in ("-", "+"):
            token.unary = not _ends_operand(previous)
        elif token.text in ("~", "!"):
            token.unary = True
        elif token.text == "*":
            following = tokens[index + 1].text if index + 1 < len(tokens) else ""
            after_dot = previous is not None and previous.text == "."
            token.unary = after_dot or not _ends_operand(previous) or following in (")", ",")
        previous = token


def _ends_operand(token: Token | None) -> bool:
    if token is None or token.kind is Kind.HINT:
        return False
    if token.kind is Kind.SYMBOL:
        return token.text in (")", "]", "}") or (token.text == "*" and token.unary)
    return not token.word or token.word in _NO_OPERAND
