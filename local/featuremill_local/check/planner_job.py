"""Asks Flink's planner about one package after the other, in one JVM. Runs in the job environment; no job is started.

Its argument is the JVM's command line, as a JSON list. An order (see `orders.py`) is
`{"package": folder, "variables": {name: value}, "keys": [column, …]}`. An answer is one of

    {"stage": where, "error": what Java or Python said}
    {"columns": [[name, type], …], "plan": compiled plan, "explained": text, "conflict": what Java said, or ""}

`stage` is `functions`, `table:<name>`, `format:<name>`, `view:<number>`, `query`, `rows` or `plan`. `explained` is what
EXPLAIN says of an updating query, with the advice; `conflict` is why it can't be keyed by the keys and its event time.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from featuremill_local.cases.mini_cluster import start_jvm
from featuremill_local.check.programs import Refused, answer, import_functions, own_lines, stage
from featuremill_local.orders import own_output, serve

TARGET = "featuremill_target"
INSERT = ["INSERT"]


def ask(program: dict[str, Any], order: Mapping[str, Any]) -> dict[str, Any]:
    """Do what the `main` of a run.py does, up to where it would start the job, and ask for the plan instead."""
    from pyflink.table import EnvironmentSettings, TableEnvironment

    tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    program["configure"](tables)
    tables.get_config().set("table.plan.compile.catalog-objects", "SCHEMA")  # or it would hold the tables' options
    if "register_functions" in program:
        import_functions(program, lambda: program["register_functions"](tables))
    for name, statement in program["SOURCE_TABLES"].items():
        with stage(f"table:{name}"):
            tables.execute_sql(own_lines(program["resolved"](statement)))
    for name, options in program["WRAPPED_FORMATS"].items():
        with stage(f"format:{name}"):
            filled = {key: value and program["fill_in"](value) for key, value in options.items()}
            program["alter"](tables, name, filled)
    for number, view in enumerate(program["VIEWS"]):
        with stage(f"view:{number}"):
            tables.execute_sql(own_lines(view))
    with stage("query"):
        tables.execute_sql(own_lines(program["QUERY"]))
        schema = tables.from_path("feature_query")._j_table.getResolvedSchema()
    columns = [[each.getName(), type_text(each)] for each in schema.getColumns()]
    with stage("rows"):
        for statement in (program["FEATURE_SOURCE"], program["DEAD_LETTERS"], program["FEATURE_ROWS"]):
            tables.execute_sql(program["resolved"](statement))
        inserts = tables.create_statement_set()
        inserts.add_insert_sql(program["INSERT_FEATURES"])
        inserts.add_insert_sql(program["INSERT_DEAD_LETTERS"])
    with stage("plan"):
        plan = inserts._j_statement_set.compilePlan().asJsonString()
    explained = conflict = ""
    if is_updating(plan):
        explained, conflict = explain(tables, columns, order["keys"])
    elif has_updates(plan):
        explained, conflict = explain(tables, columns, ())
    return {"columns": columns, "plan": plan, "explained": explained, "conflict": conflict}


def type_text(column: Any) -> str:
    """A column's type in SQL. That of a time attribute is the type of its values."""
    kind = column.getDataType().getLogicalType()
    text: str = kind.asSummaryString()
    return text.replace(" *ROWTIME*", "").replace(" *PROCTIME*", "")


def is_updating(plan: str) -> bool:
    """Whether the query takes rows back: what TO_CHANGELOG reads is more than insertions."""
    modes = [node.get("inputChangelogModes") for node in json.loads(plan)["nodes"]]
    return any(mode != [INSERT] for mode in modes if mode is not None)


def has_updates(plan: str) -> bool:
    """Whether an operator on the way takes rows back, though the answer may not: a window over an updating view."""
    return any("generateUpdateBefore" in node or node.get("needRetraction") for node in json.loads(plan)["nodes"])


def explain(tables: Any, columns: Sequence[Sequence[str]], keys: Sequence[str]) -> tuple[str, str]:
    """What EXPLAIN says of writing the query's updates into a table, with advice, and why they can't have these keys.

    The real target can't be asked: Flink 2.3 looks for nondeterministic updates only where there is no TO_CHANGELOG. A
    row that is taken back is found by its keys and its event time there, so these are what the table is keyed by. Where
    they are not what identifies a row of the query, it has no key, and every column must be the same the second time.
    Without `keys` it has none from the start.
    """
    from pyflink.table import ExplainDetail

    details = (ExplainDetail.CHANGELOG_MODE, ExplainDetail.PLAN_ADVICE)
    insert = f"INSERT INTO {TARGET} SELECT * FROM feature_query"
    conflict = ""
    if keys:
        try:
            with stage("keys"):
                tables.execute_sql(target(columns, [*keys, "event_time"]))
                return tables.explain_sql(insert, *details), ""
        except Refused as refused:
            conflict = str(refused)
        with stage("plan"):
            tables.execute_sql(f"DROP TEMPORARY TABLE {TARGET}")
    with stage("plan"):
        tables.execute_sql(target(columns, ()))
        return tables.explain_sql(insert, *details), conflict


def target(columns: Sequence[Sequence[str]], keys: Sequence[str]) -> str:
    """A table that takes the query's answer with every change, and has this primary key."""
    parts = [
        f"`{name}` {kind}" + (" NOT NULL" if name in keys and not kind.endswith("NOT NULL") else "")
        for name, kind in columns
    ]
    if keys:
        primary = ", ".join(f"`{key}`" for key in keys)
        parts.append(f"PRIMARY KEY ({primary}) NOT ENFORCED")
    return f"CREATE TEMPORARY TABLE {TARGET} ({', '.join(parts)}) WITH ('connector' = 'print')"


if __name__ == "__main__":
    from featuremill_local.submitter import warm_up

    own = own_output()
    start_jvm(json.loads(sys.argv[1]))
    warm_up()
    serve(sys.stdin, own, lambda order: answer(order, ask))
