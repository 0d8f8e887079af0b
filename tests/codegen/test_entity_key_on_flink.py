"""The shared fixture of entity keys, computed by Flink from the SQL that codegen renders."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from featuremill_codegen.entity_key import entity_key_sql
from featuremill_codegen.types import BIGINT, STRING
from featuremill_local.environments import process_environment, python
from featuremill_local.java import with_java

pytestmark = pytest.mark.jvm

FIXTURE = Path(__file__).parents[2] / "proto" / "entity-key.jsonl"
PROGRAM = """
import json, sys
from pyflink.table import DataTypes, EnvironmentSettings, TableEnvironment

answers = []
tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
for number, (sql, kinds, rows) in enumerate(json.load(sys.stdin)):
    kinds = [DataTypes.BIGINT() if kind == "BIGINT" else DataTypes.STRING() for kind in kinds]
    fields = [DataTypes.FIELD(f"k{index}", kind) for index, kind in enumerate(kinds)]
    row_type = DataTypes.ROW([DataTypes.FIELD("n", DataTypes.INT()), *fields])
    table = tables.from_elements([tuple(row) for row in rows], row_type)
    tables.create_temporary_view(f"t{number}", table)
    with tables.execute_sql(f"SELECT n, {sql} AS entity_key FROM t{number}").collect() as result:
        answers += [(row[0], row[1]) for row in result]
print("answers " + json.dumps(answers))
"""


def test_flink_gives_the_fixtures_keys(tmp_path: Path) -> None:
    cases = [json.loads(line) for line in FIXTURE.read_text(encoding="utf-8").splitlines()]
    groups: dict[tuple[str, ...], list[list[object]]] = {}
    for number, case in enumerate(cases):
        shape = ("BIGINT" if isinstance(value, int) else "STRING" for value in case["values"])
        groups.setdefault((case["entity"], *shape), []).append([number, *case["values"]])
    order = []
    for (entity, *kinds), rows in groups.items():
        names = [f"k{index}" for index in range(len(kinds))]
        types = [BIGINT if kind == "BIGINT" else STRING for kind in kinds]
        order.append((entity_key_sql(entity, names, types), kinds, rows))
    quick = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    done = subprocess.run(
        [str(python("job")), "-c", PROGRAM],
        input=json.dumps(order),
        env=with_java(process_environment("job")) | {"JAVA_TOOL_OPTIONS": quick},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = dict(json.loads(done.stdout.rpartition("answers ")[2]))
    assert answers == {number: case["entity_key"] for number, case in enumerate(cases)}
