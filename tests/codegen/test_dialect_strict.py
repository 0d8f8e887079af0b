"""What Flink's parser refuses, the dialect refuses, at the place of the mistake; nothing makes it fall or hang."""

from __future__ import annotations

import random
import re
import time
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import sqlglot
from featuremill_codegen.dialect import Flink
from featuremill_codegen.dialect.grammar import GRAMMAR
from featuremill_codegen.errors import PipelineError
from featuremill_codegen.source import SourceFile
from featuremill_codegen.statements import cut, parse
from sqlglot.errors import ParseError

ROOT = Path(__file__).parents[2]
STATEMENTS = Path(__file__).parent / "fixtures" / "statements"


def findings(sql: str) -> list[str]:
    """The findings of a file, as `line:column message`."""
    source = SourceFile("f.sql", sql)
    try:
        for chunk in cut(source):
            parse(source, chunk)
    except PipelineError as error:
        return [f"{each.line}:{each.column} {each.message}" for each in error.findings]
    return []


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        ("SELECT a, FROM t", "1:9 There is nothing behind this comma."),
        ("SELECT a b c FROM t", "1:12 Expected `,` before `c`."),
        ("SELECT value FROM t", "1:8 `value` is a reserved word."),
        ("SELECT second FROM t", "1:8 `second` is a reserved word."),
        ("SELECT a FROM t LIMIT 1, 2", "1:24 Expected `OFFSET` before `,`."),
        ("SELECT a::INT FROM t", "1:9 Expected `,` or a name before `:`."),
        ("SELECT a FROM (t)", None),
        ("SELECT DISTINCT ON (a) b FROM t", None),
        ("SELECT COUNT(DISTINCT) FROM t", None),
        ("SELECT a FROM t LEFT SEMI JOIN u ON a = b", None),
        ("SELECT CAST(a AS INT NOT NULL) FROM t", None),
        ("CREATE TABLE t ()", None),
        ("CREATE TABLE t (a INT DEFAULT 3)", None),
        ("CREATE TABLE t (a INT) WITH ('a' = 1)", None),
        (
            "CREATE TABLE t (a INT)\nPARTITIONED BY (a) COMMENT 'x'",
            "2:20 Expected `AS`, `LIKE` or `WITH` before `COMMENT`.",
        ),
        ("CREATE SYSTEM FUNCTION f AS 'x'", None),
        ("INSERT INTO t SELECT 1 ON CONFLICT DO UPDATE", None),
        ("SELECT 1 FROM", "1:10 The statement ends too early: expected a name."),
        ("SELECT e'a\\n' FROM t", "1:8 `e'…'` is not taken: a text is '…' or U&'…'."),
        ("SELECT _utf8'a' FROM t", "1:8 `_utf8'…'` is not taken: a text is '…' or U&'…'."),
        ("SELECT {fn UPPER(a)} FROM t", "1:8 `{…}` of JDBC is not taken."),
        ("SELECT a FROM t WHERE b > {d '2024-01-31'}", "1:27 `{…}` of JDBC is not taken."),
        ("UPSERT INTO t SELECT 1", "1:1 UPSERT doesn't belong in a pipeline."),
        ('SELECT "a" FROM t', '1:8 Flink SQL has no "…".'),
        ("SELECT 'a FROM t", "1:8 What begins here doesn't end."),
        ("SELECT a\u00a0FROM t", "1:9 `\u00a0` can't stand here."),
        ("DROP TABLE t", "1:1 DROP TABLE doesn't belong in a pipeline."),
        ("CREATE CATALOG c", "1:1 CREATE CATALOG doesn't belong in a pipeline."),
        ("SHOW TABLES", "1:1 SHOW doesn't belong in a pipeline."),
        ("ADD JAR 'x'", "1:1 ADD JAR doesn't belong in a pipeline."),
        ("LOAD MODULE x", "1:1 LOAD MODULE doesn't belong in a pipeline."),
        ("EXPLAIN SELECT 1", "1:1 EXPLAIN doesn't belong in a pipeline."),
        ("ANALYZE TABLE t COMPUTE STATISTICS", "1:1 ANALYZE TABLE doesn't belong in a pipeline."),
    ],
)
def test_refuses_at_its_place(sql: str, finding: str | None) -> None:
    found = findings(sql)
    assert len(found) == 1
    if finding is not None:
        assert found == [finding]
    with pytest.raises((ParseError, sqlglot.TokenError)):
        sqlglot.parse(sql, read="flink")


def test_a_statement_set_is_one_statement() -> None:
    sql = (
        "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT CASE WHEN x THEN 1 END; END; SELECT 1"
    )
    source = SourceFile("f.sql", sql)
    assert [chunk.text for chunk in cut(source)] == [sql.removesuffix("; SELECT 1"), "SELECT 1"]
    tree = sqlglot.parse(sql, read="flink")[0]
    assert tree is not None
    assert sqlglot.parse_one(tree.sql("flink"), read="flink") == tree


def test_every_name_in_the_grammar_is_a_rule() -> None:
    text = re.sub(r'"[^"]+"', "", GRAMMAR)
    rules = re.findall(r"^(\w+) =", text, flags=re.MULTILINE)
    assert len(rules) == len(set(rules))
    assert set(re.findall(r"\b[a-z_]+\b", text)) == set(rules)


def test_the_distribution_announces_the_dialect() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    group = "sqlglot.dialects"
    assert EntryPoint("flink", project["entry-points"][group]["flink"], group).load() is Flink


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 5000,
        "SELECT " + "ARRAY[" * 50 + "1" + "]" * 50,
        "SELECT " + "f(" * 50 + "1 1" + ")" * 50,
        "SELECT a FROM " + "(" * 50 + "SELECT 1 1 1" + ")" * 50,
        "SELECT " + "NOT " * 10_000 + "a",
        "SELECT " + "a LIKE " * 4000 + "a",
        "CREATE TABLE t (a " + "ARRAY<" * 5000,
        "SELECT '" + "a" * 1_000_000,
        "SELECT " + "''" * 400_000 + "'",
        "SELECT " + "a, " * 60_000,
        "SELECT 1;" * 20_000,
        "SELECT /*+ ' */ 1",
        "\r\n;;\r\n",
    ],
    ids=range(13),
)
def test_neither_falls_nor_hangs(sql: str) -> None:
    started = time.process_time()
    findings(sql)
    assert time.process_time() - started < 5


def test_mutated_statements_are_read_or_found_wanting() -> None:
    """Of statements, tokens are deleted, doubled, swapped and replaced, also by signs from anywhere; seeded."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(STATEMENTS.glob("*.sql"))]
    lexemes = [re.findall(r"\s+|\w+|'[^']*'|.", each) for text in texts for each in text.split(";\n") if each]
    pool = [lexeme for each in lexemes for lexeme in each] + [
        "\ufeff",
        "\u2028",
        "\0",
        "😀",
        "'",
        "`",
        "/*",
        "\r\n",
        "{",
    ]
    dice = random.Random(5)
    for _ in range(1500):
        parts = list(dice.choice(lexemes))
        for _ in range(dice.randint(1, 4)):
            at, other = dice.randrange(len(parts)), dice.randrange(len(parts))
            match dice.randrange(4):
                case 0:
                    parts[at] = ""
                case 1:
                    parts[at] *= 2
                case 2:
                    parts[at], parts[other] = parts[other], parts[at]
                case _:
                    parts[at] = dice.choice(pool)
        assert all(re.match(r"[1-9]\d*:[1-9]\d* .", each) for each in findings("".join(parts)))
