"""How source columns reach a query's columns: fixtures/lineage holds queries, and what reaches each of their columns.

A case is `=== name`, a query over the tables of fixtures/types_on_flink, and `--> column: table.column WAY, …` for each
of its columns. UPDATE_EXPECTED=1 writes the answers anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlglot
from featuremill_codegen import load_pipeline
from featuremill_codegen.column_lineage import ColumnLineage, trace
from featuremill_codegen.dialect import Flink
from featuremill_codegen.resolve import Resolver
from featuremill_codegen.source import SourceFile
from featuremill_codegen.statements import cut, parse
from fixture_tables import FixtureTables

FOLDER = Path(__file__).parent / "fixtures" / "lineage"


def test_lineage(tables: FixtureTables, expect: Callable[[Path, str], None]) -> None:
    path = FOLDER / "queries.txt"
    parts = re.split(r"^=== (.+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    text = ""
    for name, case in zip(parts[::2], parts[1::2], strict=True):
        query = "".join(line + "\n" for line in case.splitlines() if not line.startswith("-->"))
        text += f"=== {name}\n{query}" + "".join(f"--> {line}\n" for line in _lines(query, tables))
    expect(path, text)


def _lines(query: str, tables: FixtureTables) -> list[str]:
    source = SourceFile("pipelines/p/transform.sql", query)
    (chunk,) = cut(source)
    statement = parse(source, chunk)
    resolver = Resolver(tables.environment)
    columns, complete, reaching = resolver.query(statement.tree)
    assert complete
    assert resolver.mistakes == []
    traced = trace(columns, reaching, tables.tables, [statement])
    return [f"{name}: {_text(lineage)}".rstrip() for name, lineage in traced.items()]


def _text(lineage: ColumnLineage) -> str:
    inputs = [f"{each.origin.table}.{each.origin.column} {' '.join(each.ways)}" for each in lineage.inputs]
    return ", ".join([*inputs, *(f"{name}()" for name in lineage.functions)])


def test_places_of_features(write: Callable[[str, str], Path], demo: Path) -> None:
    write("feature.yaml", "owner: my-team\ndescription: Demo\nentity: demo_page\nmax_age: 30min\n")
    write(
        "transform.sql",
        "CREATE VIEW v AS SELECT page, viewed_at,\n  seconds * 2 AS n,\n  COUNT(*) AS c FROM page_views;\n"
        "SELECT page AS demo_page, viewed_at AS event_time,\n  v.n AS from_view,\n  c AS count_of_view,\n"
        "  CAST(n AS BIGINT) AS here,\n  page AS passed\nFROM v;\n",
    )
    lineage = load_pipeline(demo).lineage
    assert {name: (found.file.rpartition("/")[2], found.line) for name, found in lineage.items()} == {
        "demo_page": ("transform.sql", 4),
        "event_time": ("transform.sql", 4),
        "from_view": ("transform.sql", 2),
        "count_of_view": ("transform.sql", 3),
        "here": ("transform.sql", 7),
        "passed": ("transform.sql", 8),
    }


def test_a_very_long_expression(tables: FixtureTables) -> None:
    tree = sqlglot.parse_one(f"SELECT {' || '.join(['s'] * 2000)} AS x FROM t1", dialect=Flink)
    found = Resolver(tables.environment).query(tree)
    assert str(found.columns[0].column.type) == "STRING"


@pytest.mark.parametrize("first", ["SELECT i FROM t1", "SELECT k FROM t2"])
def test_a_very_long_union(tables: FixtureTables, first: str) -> None:
    tree = sqlglot.parse_one(" UNION ALL ".join([first, *["SELECT k FROM t2"] * 500]), dialect=Flink)
    found = Resolver(tables.environment).query(tree)
    assert str(found.columns[0].column.type) == "INT"
