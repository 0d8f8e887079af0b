"""Types of expressions: what is certain, and what is not guessed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlglot
from featuremill_codegen.dialect import Flink
from featuremill_codegen.relations import Column, Relation
from featuremill_codegen.resolve import Environment, Resolver
from featuremill_codegen.source import SourceFile
from featuremill_codegen.types import parse_type
from featuremill_codegen.udfs import find_udfs
from featuremill_codegen.values import check_default, is_supported, text_sql

COLUMNS = {
    "s": "STRING",
    "i": "INT",
    "g": "BIGINT",
    "d": "DOUBLE",
    "e": "DECIMAL(10, 2)",
    "b": "BOOLEAN",
    "t": "TIMESTAMP(3)",
    "l": "TIMESTAMP_LTZ(3)",
    "a": "ARRAY<INT>",
    "m": "MAP<STRING, DOUBLE>",
    "r": "ROW<x INT, y ROW<z STRING>>",
    "u": None,
}


def _type(expression: str) -> str | None:
    columns = {name: Column(name, parse_type(kind) if kind else None) for name, kind in COLUMNS.items()}
    resolver = Resolver(Environment({"t1": Relation(columns)}, {"km": parse_type("DOUBLE")}))
    found = resolver.query(sqlglot.parse_one(f"SELECT {expression} AS x FROM t1", dialect=Flink))
    assert not resolver.mistakes
    (column,) = (each.column for each in found.columns)
    return str(column.type) if column.type is not None else None


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("COUNT(*)", "BIGINT"),
        ("COUNT(DISTINCT i)", "BIGINT"),
        ("SUM(i)", "INT"),
        ("SUM(e)", "DECIMAL(38, 2)"),
        ("AVG(i)", "INT"),
        ("AVG(e)", "DECIMAL(38, 6)"),
        ("AVG(CAST(i AS DOUBLE))", "DOUBLE"),
        ("MIN(l)", "TIMESTAMP_LTZ(3)"),
        ("MAX(DISTINCT s)", "STRING"),
        ("SUM(i) FILTER (WHERE b)", "INT"),
        ("SUM(g) OVER (PARTITION BY s ORDER BY t)", "BIGINT"),
        ("ROW_NUMBER() OVER (PARTITION BY s ORDER BY t)", "BIGINT"),
        ("LAG(d, 1) OVER (ORDER BY t)", "DOUBLE"),
        ("FIRST_VALUE(s)", "STRING"),
        ("TRY_CAST(s AS DECIMAL(8, 3))", "DECIMAL(8, 3)"),
        ("CAST(i AS TIMESTAMP)", "TIMESTAMP(6)"),
        ("CASE WHEN b THEN 1e0 ELSE 0e0 END", "DOUBLE"),
        ("CASE WHEN b THEN i END", "INT"),
        ("CASE WHEN b THEN i ELSE NULL END", "INT"),
        ("CASE WHEN b THEN i WHEN i > 1 THEN g END", "BIGINT"),
        ("CASE WHEN b THEN i ELSE s END", None),
        ("COALESCE(s, 'none')", "STRING"),
        ("IF(b, d, 0)", "DOUBLE"),
        ("NULLIF(i, 0)", "INT"),
        ("i + g", "BIGINT"),
        ("i * d", "DOUBLE"),
        ("i / i", "INT"),
        ("e * i", "DECIMAL(21, 2)"),
        ("-i", "INT"),
        ("(d)", "DOUBLE"),
        ("t - INTERVAL '1' HOUR", "TIMESTAMP(3)"),
        ("i > 1 AND b", "BOOLEAN"),
        ("s IN ('a', 'b')", "BOOLEAN"),
        ("s LIKE 'a%'", "BOOLEAN"),
        ("s IS NULL", "BOOLEAN"),
        ("s || s", "STRING"),
        ("UPPER(s)", "STRING"),
        ("upper(s)", "STRING"),
        ("SQRT(i)", "DOUBLE"),
        ("EXTRACT(HOUR FROM t)", "BIGINT"),
        ("FLOOR(t TO HOUR)", "TIMESTAMP(3)"),
        ("FLOOR(d)", "DOUBLE"),
        ("TIMESTAMPDIFF(DAY, t, t)", "INT"),
        ("LOCALTIMESTAMP", "TIMESTAMP(3)"),
        ("JSON_VALUE(s, '$.a')", "STRING"),
        ("JSON_VALUE(s, '$.a' RETURNING DOUBLE)", "DOUBLE"),
        ("JSON_EXISTS(s, '$.a')", "BOOLEAN"),
        ("a[1]", "INT"),
        ("m['k']", "DOUBLE"),
        ("r.x", "INT"),
        ("r.y.z", "STRING"),
        ("t1.r.y.z", "STRING"),
        ("km(i)", "DOUBLE"),
        ("DATE '2020-01-01'", "DATE"),
        ("CURRENT_TIMESTAMP", "TIMESTAMP_LTZ(3)"),
        ("'abc'", "CHAR(3)"),
        ("1", "INT"),
        ("3000000000", "BIGINT"),
        ("1.50", "DECIMAL(3, 2)"),
        ("TRUE", "BOOLEAN"),
        ("(SELECT MAX(d) FROM t1)", "DOUBLE"),
        ("u", None),
        ("u + 1", None),
        ("ANY_OTHER(i)", None),
        ("SUM(u)", None),
    ],
)
def test_expression(expression: str, kind: str | None) -> None:
    assert _type(expression) == kind


@pytest.mark.parametrize(
    "text",
    ["BIGINT", "DECIMAL(10, 2)", "MAP<STRING, ARRAY<INT>>", "ROW<`x` INT, `y` STRING>", "TIMESTAMP_LTZ(3)", "BYTES"],
)
def test_types_print_as_they_are_read(text: str) -> None:
    assert str(parse_type(text)) == text


@pytest.mark.parametrize("text", ["BIGGINT", "", "INT INT", "MAP<STRING>", "'", "ROW<"])
def test_what_is_no_type(text: str) -> None:
    assert parse_type(text) is None


@pytest.mark.parametrize(
    ("kind", "sql"),
    [
        ("STRING", "`x`"),
        ("BIGINT", "CAST(`x` AS STRING)"),
        ("BOOLEAN", "LOWER(CAST(`x` AS STRING))"),
        ("TIMESTAMP_LTZ(6)", "REPLACE(CAST(CAST(`x` AS TIMESTAMP(3)) AS STRING), ' ', 'T') || 'Z'"),
        ("ARRAY<INT>", "JSON_STRING(`x`)"),
        ("BYTES", "TRIM(BOTH '\"' FROM JSON_STRING(`x`))"),
    ],
)
def test_values_as_text(kind: str, sql: str) -> None:
    found = parse_type(kind)
    assert found is not None
    assert is_supported(found)
    assert text_sql("`x`", found) == sql


@pytest.mark.parametrize("kind", ["MULTISET<INT>", "MAP<INT, STRING>", "ARRAY<MULTISET<INT>>", "VARIANT"])
def test_types_without_text(kind: str) -> None:
    found = parse_type(kind)
    assert found is not None
    assert not is_supported(found)


@pytest.mark.parametrize(
    ("text", "kind", "fits"),
    [
        ("0", "BIGINT", True),
        ("0.5", "BIGINT", False),
        ("128", "TINYINT", False),
        ("-128", "TINYINT", True),
        ("1e-3", "DOUBLE", True),
        ("true", "BOOLEAN", True),
        ("True", "BOOLEAN", False),
        ("2020-01-01", "DATE", True),
        ("2020-13-01", "DATE", False),
        ("2020-01-01T00:00:00.000Z", "TIMESTAMP(3)", True),
        ("2020-01-01 00:00:00", "TIMESTAMP(3)", False),
        ("[1]", "ARRAY<INT>", True),
        ("[1", "ARRAY<INT>", False),
        ("anything", "STRING", True),
    ],
)
def test_defaults(text: str, kind: str, fits: bool) -> None:
    found = parse_type(kind)
    assert found is not None
    assert check_default(text, found) is fits


def test_functions_are_found_without_running_the_file() -> None:
    text = """
from pyflink.table import DataTypes
from pyflink.table.udf import udf as function
raise SystemExit("this file was run")

@function(result_type=DataTypes.ARRAY(DataTypes.BIGINT()))
def numbers(x): ...

@function(result_type="DECIMAL(10, 2)", deterministic=False)
def price(x): ...

later = function(lambda x: x, result_type=DataTypes.TIMESTAMP(3))
other = some_call(1)

@function(result_type=RESULT)
def hidden(x): ...

def helper(x): ...
"""
    found = find_udfs(SourceFile("udf_def.py", text))
    assert [(udf.name, str(udf.result_type)) for udf in found] == [
        ("numbers", "ARRAY<BIGINT>"),
        ("price", "DECIMAL(10, 2)"),
        ("later", "TIMESTAMP(3)"),
        ("hidden", "None"),
    ]


def test_views_rename_columns(write: Callable[[str, str], Path], demo: Path) -> None:
    from featuremill_codegen import load_pipeline

    write(
        "transform.sql",
        "CREATE VIEW v (p, at_time, n) AS SELECT page, viewed_at, seconds FROM page_views;\n"
        "WITH w AS (SELECT p, at_time, n FROM v UNION ALL SELECT p, at_time, n FROM v)\n"
        "SELECT w.p AS demo_page, w.at_time AS event_time, w.n AS views_10min, s.n AS mean_seconds_10min\n"
        "FROM w JOIN (SELECT p, SUM(n) AS n FROM v GROUP BY p) AS s ON w.p = s.p;\n",
    )
    assert [(str(each.type), each.sources) for each in load_pipeline(demo).features] == [
        ("INT", ("page_views.seconds",)),
        ("INT", ("page_views.seconds",)),
    ]
