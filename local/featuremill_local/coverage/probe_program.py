"""Asks Flink what a pipeline's query decides, beside the query itself. Runs in the job environment, one order a run.

Arguments: `--run` the pipeline's run.py, whose tables, functions and views are taken over; `--overrides` as run.py
takes them; `--order` a JSON file; and one of

* `--check ANSWER`: the order is a list of `{"queries": [SELECT, …], "looks": [{"value", "predicate"}, …]}`, each query
  with LOOKS in the place of its columns. To each the answer says which of the queries Flink runs with this look
  (`{"query", "nullable"}`, `nullable` being that of the predicate), or why none (`{"refused"}`).
* `--rows FOLDER`: the order is a list of SELECTs whose columns are numbers. One job writes the rows that each of them
  gives, later changed or not, to `<index>.jsonl`; it prints `job <id>`.
"""

from __future__ import annotations

import argparse
import json
import runpy
from pathlib import Path
from typing import Any

LOOKS = "featuremill_looks"
"""Stands for the columns of a query."""


def main() -> None:
    """Follow one order."""
    parser = argparse.ArgumentParser()
    for name in ("--run", "--overrides", "--order", "--check", "--rows"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    run = runpy.run_path(str(given.run), run_name="featuremill_run")
    tables = _tables(run, json.loads(given.overrides.read_text(encoding="utf-8")))
    order = json.loads(given.order.read_text(encoding="utf-8"))
    if given.check is not None:
        given.check.write_text(json.dumps(_Check(tables, run).answer(order)), encoding="utf-8")
    else:
        _write_rows(tables, order, given.rows)


def _tables(run: dict[str, Any], overrides: dict[str, Any]) -> Any:
    """The environment as run.py makes it, up to the query."""
    from pyflink.table import EnvironmentSettings, TableEnvironment

    tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    run["configure"](tables)
    if "register_functions" in run:
        run["register_functions"](tables)
    for name, statement in run["SOURCE_TABLES"].items():
        tables.execute_sql(run["resolved"](statement))
        wrapped = run["WRAPPED_FORMATS"].get(name, {})
        run["alter"](tables, name, {key: value and run["fill_in"](value) for key, value in wrapped.items()})
        run["alter"](tables, name, overrides[name])
    for statement in run["VIEWS"]:
        tables.execute_sql(statement)
    return tables


class _Check:
    """Finds out which looks Flink takes, all of a probe at once where that goes, else one by one."""

    def __init__(self, tables: Any, run: dict[str, Any]) -> None:
        self._tables = tables
        self._root_cause = run["root_cause"]
        self._names = 0

    def answer(self, order: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        return [self._probe(each["queries"], each["looks"]) for each in order]

    def _probe(self, queries: list[str], looks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        refused = ""
        for number, query in enumerate(queries):
            found = self._tried(query, looks)
            if not isinstance(found, str):
                return [{"query": number, "nullable": nullable} for nullable in found]
            refused = found
        if len(looks) > 1:
            return [self._probe(queries, [look])[0] for look in looks]
        return [{"refused": refused}]

    def _tried(self, query: str, looks: list[dict[str, Any]]) -> list[bool] | str:
        """For each look whether its predicate may be null; where Flink refuses the query, what it says."""
        from py4j.protocol import Py4JError
        from pyflink.util.exceptions import TableException

        try:
            self._names += 1
            inserts = self._tables.create_statement_set()
            _add(
                self._tables, inserts, f"check_{self._names}", _with(query, [look["value"] for look in looks]), "/none"
            )
            inserts.explain()
            predicates = [look["predicate"] or "TRUE" for look in looks]
            answered = self._tables.sql_query(_with(query, predicates))
            kinds = answered._j_table.getResolvedSchema().getColumnDataTypes()
            return [bool(kind.getLogicalType().isNullable()) for kind in kinds]
        except (Py4JError, TableException) as error:
            return str(self._root_cause(error))


def _with(query: str, columns: list[str]) -> str:
    return query.replace(LOOKS, ", ".join(f"{column} AS c{number}" for number, column in enumerate(columns)))


def _write_rows(tables: Any, queries: list[str], folder: Path) -> None:
    inserts = tables.create_statement_set()
    for number, query in enumerate(queries):
        _add(tables, inserts, f"look_{number}", query, str(folder / f"{number}.jsonl"))
    print(f"job {inserts.execute().get_job_client().get_job_id()}", flush=True)


def _add(tables: Any, inserts: Any, name: str, query: str, path: str) -> None:
    """Every row that the query gives, or gives in place of another one, goes to the file."""
    tables.execute_sql(f"CREATE TEMPORARY VIEW {name} AS {query}")
    columns = tables.from_path(name).get_schema().get_field_names()
    tables.execute_sql(
        f"CREATE TEMPORARY TABLE {name}_file ({', '.join(f'{column} INT' for column in columns)}) WITH "
        f"('connector' = 'featuremill-cases', 'format' = 'json', 'path' = '{path}')"
    )
    inserts.add_insert_sql(
        f"INSERT INTO {name}_file SELECT {', '.join(columns)} FROM TO_CHANGELOG("
        f"input => TABLE {name}, op => DESCRIPTOR(_op)) WHERE _op IN ('INSERT', 'UPDATE_AFTER')"
    )


if __name__ == "__main__":
    main()
