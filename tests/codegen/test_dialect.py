"""The dialect: fixtures/statements hold one statement each; printed and read again, each must give an equal tree."""

from __future__ import annotations

import importlib.machinery
import importlib.util
from pathlib import Path

import pytest
import sqlglot
from featuremill_codegen.dialect import Flink
from featuremill_codegen.dialect.columns import MetadataColumnConstraint
from featuremill_codegen.dialect.purity import CompiledSqlglotError, refuse_compiled_sqlglot
from featuremill_codegen.dialect.windows import Descriptor, TableArgument
from sqlglot import exp

STATEMENTS = Path(__file__).parent / "fixtures" / "statements"


def statements() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(STATEMENTS.glob("*.sql"))]
    return [each.strip() for text in texts for each in text.split(";\n") if each.strip()]


@pytest.mark.parametrize("sql", statements())
def test_prints_what_it_reads(sql: str) -> None:
    tree = sqlglot.parse_one(sql, dialect=Flink)
    assert not tree.find(exp.Command)
    printed = tree.sql(dialect="flink")
    assert sqlglot.parse_one(printed, dialect=Flink) == tree


@pytest.mark.parametrize(
    ("sql", "printed"),
    [
        (
            "select x from t /*+ options('a'='b') */ as o",
            "SELECT x FROM t /*+ options('a' = 'b') */ AS o",
        ),
        (
            "create table t(a bytes, r row<x int not null>) with('connector'='x')",
            "CREATE TABLE t (a BYTES, r ROW<x INT NOT NULL>) WITH ('connector' = 'x')",
        ),
        (
            "select a from o join r for system_time as of o.p as r on o.c = r.c",
            "SELECT a FROM o JOIN r FOR SYSTEM_TIME AS OF o.p AS r ON o.c = r.c",
        ),
        ("select myUdf(array[1,2])", "SELECT myUdf(ARRAY[1, 2])"),
        ("select try_cast(a as string)", "SELECT TRY_CAST(a AS STRING)"),
    ],
)
def test_prints_flinks_own_words(sql: str, printed: str) -> None:
    assert sqlglot.parse_one(sql, dialect=Flink).sql(dialect=Flink) == printed


def test_parts_are_nodes_not_names() -> None:
    tree = sqlglot.parse_one("SELECT a FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR))", dialect=Flink)
    table, time = tree.find(TableArgument), tree.find(Descriptor)
    assert table is not None
    assert table.this.name == "t"
    assert time is not None
    assert [each.name for each in time.expressions] == ["ts"]
    tree = sqlglot.parse_one("CREATE TABLE t (k STRING METADATA FROM 'key' VIRTUAL)", dialect=Flink)
    column = tree.find(MetadataColumnConstraint)
    assert column is not None
    assert column.this.name == "key"
    assert column.args["virtual"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts)",
        "CREATE TABLE t (WATERMARK ts AS ts)",
        "CREATE TABLE t (a ROW<x>)",
    ],
)
def test_refuses(sql: str) -> None:
    with pytest.raises(sqlglot.ParseError):
        sqlglot.parse_one(sql, dialect=Flink)


def test_refuses_a_compiled_sqlglot(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_compiled_sqlglot()
    found = importlib.machinery.ModuleSpec("sqlglotc", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: found if name == "sqlglotc" else None)
    with pytest.raises(CompiledSqlglotError, match="pip uninstall sqlglotc"):
        refuse_compiled_sqlglot()
