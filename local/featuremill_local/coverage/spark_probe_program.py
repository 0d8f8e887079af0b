"""Asks Spark what a batch's query decides, beside the query itself. Runs where cases do, one order a run.

The arguments are those of `probe_program.py`, with `--dt` for `--overrides`: the tables of run.py are there. To
`--check` a probe has `printed`, too, the query that it is made of as the tree is printed, and `view`, that query's name
if it has one. Where Spark reads what is printed otherwise than what the file says, none of its looks would tell the
truth, and they are refused.
"""

from __future__ import annotations

import argparse
import json
import runpy
from functools import cache
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import coalesce, lit

LOOKS = "featuremill_looks"
"""Stands for the columns of a query."""
_SOME_VALUE = {"string": "", "date": "1970-01-01", **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), 0)}


def main() -> None:
    """Follow one order."""
    parser = argparse.ArgumentParser()
    for name in ("--run", "--order", "--check", "--rows"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--dt")
    given = parser.parse_args()
    queries = _Queries(runpy.run_path(str(given.run), run_name="featuremill_run"), given.dt)
    order = json.loads(given.order.read_text(encoding="utf-8"))
    if given.check is not None:
        given.check.write_text(json.dumps([_answer(queries, each) for each in order]), encoding="utf-8")
        return
    for number, query in enumerate(order):
        rows = queries.of(query).collect()
        lines = "".join(json.dumps(row.asDict()) + "\n" for row in rows)
        (given.rows / f"{number}.jsonl").write_text(lines, encoding="utf-8")


class _Queries:
    """Queries over the tables and views of a run.py, for a day, in a session of their own."""

    def __init__(self, run: dict[str, Any], day: str) -> None:
        self._run, self._day = run, day
        spark = SparkSession.builder.getOrCreate()
        self._session = spark.newSession()
        run["configure"](self._session)
        if "load_functions" in run:
            run["register"](self._session, run["load_functions"](spark))
        for written, partitions in run["PARTITIONED_BY"].items():
            self._fill_partitions(run["resolved"](written), partitions)
        for statement in run["VIEWS"]:
            self.of(statement)
        self.reads_as_written = cache(self._reads_as_written)

    def of(self, query: str) -> DataFrame:
        """The query with its variables put in, analysed."""
        return self._session.sql(self._run["resolved"](query, self._day))

    def _fill_partitions(self, table: str, partitions: list[str]) -> None:
        """Let Spark know that every row of a case has a value of these columns, so that none is asked for a null.

        The name of a table in a database of its own can't stand for anything else.
        """
        if "." in table:
            return
        frame = self._session.table(table)
        for name in partitions:
            value = _SOME_VALUE.get(frame.schema[name].dataType.simpleString())
            if value is not None:
                frame = frame.withColumn(name, coalesce(frame[name], lit(value).cast(frame.schema[name].dataType)))
        frame.createTempView(table)

    def _reads_as_written(self, view: str | None, printed: str) -> bool:
        """Whether Spark's plan of what is printed is that of what the file says."""
        try:
            written = self._session.table(view) if view is not None else self.of(self._run["QUERY"])
            again = self.of(printed)
            if written.sameSemantics(again):
                return True
            plans = [each._jdf.queryExecution().optimizedPlan() for each in (written, again)]
        except Exception as error:
            if not _is_sparks(error):
                raise
            return False
        return bool(plans[0].sameResult(plans[1]))

    def nullable(self, query: str, looks: list[dict[str, Any]]) -> list[bool] | str:
        """For each look whether its predicate may be null; where Spark refuses the query, what it says."""
        try:
            self.of(_with(query, [look["value"] for look in looks]))
            answered = self.of(_with(query, [look["predicate"] or "TRUE" for look in looks]))
            return [field.nullable for field in answered.schema.fields]
        except Exception as error:
            if not _is_sparks(error):
                raise
            return str(self._run["root_cause"](error))


def _answer(queries: _Queries, order: dict[str, Any]) -> list[dict[str, Any]]:
    looks = order["looks"]
    if not queries.reads_as_written(order["view"], order["printed"]):
        return [{"refused": "it can't be written as Spark reads it in the file"} for _ in looks]
    return _probe(queries, order["queries"], looks)


def _probe(queries: _Queries, selects: list[str], looks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All looks at once where that goes, else one by one."""
    refused = ""
    for number, query in enumerate(selects):
        found = queries.nullable(query, looks)
        if not isinstance(found, str):
            return [{"query": number, "nullable": nullable} for nullable in found]
        refused = refused or found
    if len(looks) > 1:
        return [_probe(queries, selects, [look])[0] for look in looks]
    return [{"refused": refused}]


def _with(query: str, columns: list[str]) -> str:
    return query.replace(LOOKS, ", ".join(f"{column} AS c{number}" for number, column in enumerate(columns)))


def _is_sparks(error: Exception) -> bool:
    return isinstance(error, PySparkException) or type(error).__module__.startswith("py4j.")


if __name__ == "__main__":
    main()
