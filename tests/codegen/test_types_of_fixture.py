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
from featuremill_codegen.resolve import Environment, OutputColumn, Resolver
from featuremill_codegen.types import parse_type
from fixture_tables import FixtureTables
from sqlglot.errors import SqlglotError

FOLDER = Path(__file__).parent / "fixtures" / "types_on_flink"
LEAST_KNOWN = 0.95


def test_no_type_is_another_than_flinks(tables: FixtureTables, capsys: pytest.CaptureFixture[str]) -> None:
    expressions = set((FOLDER / "expressions.sql").read_text(encoding="utf-8").splitlines())
    different: list[str] = []
    known = total = 0
    for line in (FOLDER / "answers.jsonl").read_text(encoding="utf-8").splitlines():
        answer = json.loads(line)
        case = answer["case"]
        query = f"SELECT {case} AS x FROM t1" if case in expressions else case
        columns = _columns(query, tables.environment)
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
