"""Our types against those of Flink's planner (fixtures/types_on_flink): equal or unknown, never different.

`test_types_on_flink.py` makes the planner's answers.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import sqlglot
from featuremill_codegen.dialect import Flink
from featuremill_codegen.relations import Relation
from featuremill_codegen.resolve import Environment, OutputColumn, Resolver
from featuremill_codegen.source import SourceFile
from featuremill_codegen.statements import cut, parse
from featuremill_codegen.tables import read_table
from featuremill_codegen.types import parse_type
from featuremill_codegen.udfs import find_functions
from sqlglot import exp
from sqlglot.errors import SqlglotError

FOLDER = Path(__file__).parent / "fixtures" / "types_on_flink"
LEAST_KNOWN = 0.95


@pytest.fixture(scope="module")
def environment() -> Environment:
    """The tables, views and functions of the cases."""
    udfs = find_functions(SourceFile("functions.py", (FOLDER / "functions.py").read_text(encoding="utf-8")))
    relations: dict[str, Relation] = {}
    environment = Environment(
        relations,
        {udf.name: udf.result_type for udf in udfs if udf.kind == "scalar"},
        {udf.name: udf.result_types for udf in udfs if udf.kind == "table"},
    )
    source = SourceFile("tables.sql", (FOLDER / "tables.sql").read_text(encoding="utf-8"))
    for chunk in cut(source):
        statement = parse(source, chunk)
        tree = statement.tree
        if tree.args["kind"] == "TABLE":
            table = read_table(statement, [])
            assert table is not None
            relations[table.name] = table.relation()
            continue
        schema = tree.this if isinstance(tree.this, exp.Schema) else None
        names = [each.name for each in schema.expressions] if schema is not None else []
        name = schema.this.name if schema is not None else tree.this.name
        relations[name] = Resolver(environment).relation_of(tree.expression, names)
    return environment


def test_no_type_is_another_than_flinks(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    expressions = set((FOLDER / "expressions.sql").read_text(encoding="utf-8").splitlines())
    different: list[str] = []
    known = total = 0
    for line in (FOLDER / "answers.jsonl").read_text(encoding="utf-8").splitlines():
        answer = json.loads(line)
        case = answer["case"]
        query = f"SELECT {case} AS x FROM t1" if case in expressions else case
        columns = _columns(query, environment)
        total += len(answer["columns"])
        if columns is None:
            continue
        if len(columns) != len(answer["columns"]):
            different.append(f"{case}: {len(columns)} columns, Flink has {len(answer['columns'])}")
            continue
        for ours, (name, kind) in zip(columns, answer["columns"], strict=True):
            found = str(ours.column.type) if ours.column.type is not None else None
            known += found is not None
            if ours.column.name not in ("", name) or found not in (None, _without_nullability(kind)):
                different.append(f"{case}: {ours.column.name} {found}, Flink has {name} {kind}")
    with capsys.disabled():
        print(f" {known} of {total} types known ({known / total:.1%})", end="")
    assert different == []
    assert known / total >= LEAST_KNOWN


def _columns(query: str, environment: Environment) -> list[OutputColumn] | None:
    """Our answer; None where the dialect or the resolver doesn't know the query's columns."""
    try:
        tree = sqlglot.parse_one(query, dialect=Flink)
    except SqlglotError:
        return None
    resolver = Resolver(environment)
    found = resolver.query(tree)
    assert resolver.mistakes == [], query
    return found.columns if found.complete else None


def _without_nullability(kind: str) -> str:
    """Flink's text of a type as ours: intervals have no form in SQL."""
    text = kind.removesuffix(" NOT NULL")
    return text if text.startswith("INTERVAL") else str(parse_type(_LOCAL_TIME.sub(r"TIMESTAMP_LTZ\1", text)))


_LOCAL_TIME = re.compile(r"TIMESTAMP(\(\d\)) WITH LOCAL TIME ZONE")
