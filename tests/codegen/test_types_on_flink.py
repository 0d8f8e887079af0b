"""The types that Flink's planner gives to expressions and queries, kept in fixtures/types_on_flink.

UPDATE_EXPECTED=1 writes Flink's answers anew. `test_types_of_fixture.py` compares ours with them, without a JVM.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from featuremill_local.environments import process_environment, python
from featuremill_local.java import with_java

pytestmark = pytest.mark.jvm

FOLDER = Path(__file__).parent / "fixtures" / "types_on_flink"
PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
import functions
from pyflink.table import EnvironmentSettings, TableEnvironment

tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
for name in ("km", "words", "place", "split_words", "count_up"):
    tables.create_temporary_system_function(name, getattr(functions, name))
order = json.load(sys.stdin)
for statement in order["tables"]:
    tables.execute_sql(statement)

def type_text(kind):
    try:
        return kind.asSerializableString()
    except Exception:
        return kind.asSummaryString()

def answer(query):
    try:
        columns = tables.sql_query(query)._j_table.getResolvedSchema().getColumns()
    except Exception as error:
        return {"refused": str(error)}
    return {"columns": [[each.getName(), type_text(each.getDataType().getLogicalType())] for each in columns]}

print("answers " + json.dumps([answer(query) for query in order["queries"]]))
"""


def test_flink_gives_the_types_of_the_fixture(tmp_path: Path, expect: Callable[[Path, str], None]) -> None:
    tables = (FOLDER / "tables.sql").read_text(encoding="utf-8").split(";\n")
    expressions = (FOLDER / "expressions.sql").read_text(encoding="utf-8").splitlines()
    queries = (FOLDER / "queries.sql").read_text(encoding="utf-8").strip().split(";\n")
    order = {"tables": tables, "queries": [*(f"SELECT {each} AS x FROM t1" for each in expressions), *queries]}
    quick = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    done = subprocess.run(
        [str(python("job")), "-c", PROGRAM, str(FOLDER)],
        input=json.dumps(order),
        env=with_java(process_environment("job")) | {"JAVA_TOOL_OPTIONS": quick},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout.rpartition("answers ")[2])
    lines = [_line(case, answer) for case, answer in zip([*expressions, *queries], answers, strict=True)]
    refused = [line for line, answer in zip(lines, answers, strict=True) if "refused" in answer]
    expect(FOLDER / "answers.jsonl", "".join(line + "\n" for line in lines if line not in refused))
    assert not refused


def _line(case: str, answer: dict[str, object]) -> str:
    return json.dumps({"case": case, **answer}, ensure_ascii=False)
