"""Asks Spark's analyser and planner about one package after the other, in one JVM. No query is run, no data is read.

Runs in the environment `spark`, which finds its settings in `$SPARK_CONF_DIR`; its argument is a folder for tables that
have no files. An order (see `orders.py`) is
`{"package": folder, "variables": {name: value}, "day": "2013-06-01"}`. An answer is one of

    {"stage": where, "error": what Spark or Python said, "condition": Spark's name of it, "parameters": {name: value},
     "start": first character, "end": behind the last one, "line": from 1, "position": from 0}
    {"columns": [[name, type], …], "tables": […], "shuffles": […], "joins": […], "plan": physical plan}

`stage` is `functions`, `table:<name>`, `view:<number>`, `query` or `rows`. Places are characters of the statement with
its variables put in, and null where they aren't told. The plan's parts are those of `batch_plan.py`.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from featuremill_local.check.programs import answer, import_functions, own_lines, stage
from featuremill_local.orders import own_output, serve

_PLACE = re.compile(r"\(?\bline (\d+),? pos (\d+)\)?")
_KEYS_OF = {"HashPartitioning": "expressions", "RangePartitioning": "ordering"}
_numbers = itertools.count()


class SparkProgram:
    """A Spark in this process that is asked about programs. `empty` is the folder for its tables."""

    def __init__(self, empty: Path) -> None:
        self._empty = empty

    def warm_up(self) -> None:
        """Start the JVM and its metastore in memory, and plan something."""
        from pyspark.sql import SparkSession

        spark = SparkSession.builder.appName("check").enableHiveSupport().getOrCreate()
        hadoop, system = spark._jsc.hadoopConfiguration(), spark._jvm.java.lang.System
        hadoop.set("javax.jdo.option.ConnectionURL", "jdbc:derby:memory:check;create=true")
        system.setProperty("derby.stream.error.file", "/dev/null")
        spark.sql("SELECT COUNT(*) FROM VALUES (1) AS t (n)").schema  # noqa: B018
        databases(spark)

    def ask(self, program: dict[str, Any], order: Mapping[str, Any]) -> dict[str, Any]:
        """Do what `run_day` of a run.py does, up to where it would read the first row."""
        from pyspark.sql import SparkSession

        session = SparkSession.builder.getOrCreate().newSession()  # temporary views are its own
        program["configure"](session)
        before = databases(session)
        made: list[str] = []
        try:
            if "load_functions" in program:
                # no function is called, so no worker needs the file
                without_workers = SimpleNamespace(sparkContext=SimpleNamespace(addPyFile=lambda _: None))
                functions = import_functions(program, lambda: program["load_functions"](without_workers))
                with stage("functions"):
                    register(session, functions)
            for name, statement in program["SOURCE_TABLES"].items():
                with stage(f"table:{name}", details):
                    self._create(session, program, name, own_lines(program["resolved"](statement, order["day"])), made)
            return plan(session, program, order["day"])
        finally:
            for table in made:
                session.sql(f"DROP TABLE IF EXISTS {table}")
            for database in databases(session) - before:
                session.sql(f"DROP DATABASE IF EXISTS `{database}` CASCADE")

    def _create(self, session: Any, program: Mapping[str, Any], name: str, statement: str, made: list[str]) -> None:
        """Create the table in an empty folder: its own place is not looked at."""
        # first as it is written: places in another text would not be those of the file
        session._jsparkSession.sessionState().sqlParser().parsePlan(statement)
        table = program["resolved"](name)
        if "." in table:
            session.sql(f"CREATE DATABASE IF NOT EXISTS {table.rpartition('.')[0]}")
        session.sql(program["located"](statement, f"file://{self._empty / str(next(_numbers))}"))
        made.append(table)


def register(session: Any, functions: Mapping[str, Any]) -> None:
    """Make functions of these names and types known. They are no more than that: what they import may not be here."""
    from pyspark.sql.functions import udf

    for name, function in functions.items():
        session.udf.register(name, udf(lambda *_: None, function.returnType))


def databases(session: Any) -> set[str]:
    """The names of the metastore's databases."""
    return {each.name for each in session.catalog.listDatabases()}


def plan(session: Any, program: Mapping[str, Any], day: str) -> dict[str, Any]:
    """The query analysed and planned, and what code generation adds around it."""
    for number, view in enumerate(program["VIEWS"]):
        with stage(f"view:{number}", details):
            session.sql(own_lines(program["resolved"](view, day)))
    with stage("query", details):
        query = session.sql(own_lines(program["resolved"](program["QUERY"], day)))
        columns = [[field.name.lower(), field.dataType.simpleString()] for field in query.schema.fields]
        physical = query._jdf.queryExecution().executedPlan()
        found = Nodes(program["PARTITIONED_BY"], program["resolved"]).read(physical)
    if not set(program["COLUMNS"]) - {name for name, _ in columns}:  # else what is missing is told of the query
        with stage("rows", details):
            query.createTempView("feature_query")
            session.sql(own_lines(program["resolved"](program["FEATURE_ROWS"], day))).createTempView("feature_rows")
            session.sql(program["DEAD_LETTERS"])
    return {"columns": columns, **found, "plan": physical.treeString()}


class Nodes:
    """Reads a physical plan in the JVM. `partitions` are the columns that the tables are partitioned by."""

    def __init__(self, partitions: Mapping[str, list[str]], resolved: Any) -> None:
        self._partitions = {resolved(name).lower(): list(columns) for name, columns in partitions.items()}
        self._names = {resolved(name).lower(): name for name in partitions}

    def read(self, physical: Any) -> dict[str, Any]:
        """What the plan reads, how often rows change their place, and what it joins, from the sources on."""
        tables, shuffles, joins = [], [], []
        for node in nodes(physical):
            kind = node.getClass().getSimpleName()
            if kind in ("HiveTableScanExec", "FileSourceScanExec", "BatchScanExec"):
                tables.append(self._table(node, kind))
            elif kind == "ShuffleExchangeExec":
                partitioning = node.outputPartitioning()
                way = partitioning.getClass().getSimpleName().removesuffix("$")
                keys = getattr(partitioning, _KEYS_OF[way])() if way in _KEYS_OF else None
                shuffles.append({"way": way, "keys": texts(keys) if keys is not None else []})
            elif kind in ("SortMergeJoinExec", "BroadcastHashJoinExec", "ShuffledHashJoinExec"):
                pairs = zip(texts(node.leftKeys()), texts(node.rightKeys()), strict=True)
                on = [left if left == right else f"{left} = {right}" for left, right in pairs]
                joins.append({"way": kind.removesuffix("Exec"), "type": node.joinType().sql(), "on": on})
            elif kind in ("CartesianProductExec", "BroadcastNestedLoopJoinExec"):
                condition = node.condition()
                type = "CROSS" if kind == "CartesianProductExec" else node.joinType().sql()
                on = [plain(condition.get().sql())] if condition.isDefined() else []
                joins.append({"way": kind.removesuffix("Exec"), "type": type, "on": on})
        return {"tables": tables, "shuffles": shuffles, "joins": joins}

    def _table(self, node: Any, kind: str) -> dict[str, Any]:
        if kind == "HiveTableScanExec":
            identifier, filters = node.relation().tableMeta().identifier(), texts(node.partitionPruningPred())
        else:
            identifier, filters = node.tableIdentifier().get(), texts(node.partitionFilters())
        database, name = identifier.database(), identifier.table().lower()
        qualified = f"{database.get().lower()}.{name}" if database.isDefined() else name
        key = qualified if qualified in self._names else name
        kept = [each for each in filters if not re.fullmatch(r"\(?`?\w+`? IS NOT NULL\)?", each)]
        partitions = self._partitions.get(key, [])
        return {"table": self._names.get(key, key), "partitioned_by": partitions, "partition_filters": kept}


def nodes(physical: Any) -> Iterator[Any]:
    """The operators of a plan, inputs first, with those of its subqueries."""
    for children in (physical.subqueries(), physical.children()):
        for index in range(children.size()):
            yield from nodes(children.apply(index))
    yield physical


def texts(expressions: Any) -> list[str]:
    """Expressions of the JVM as SQL, without the tables that they come from."""
    return [plain(expressions.apply(index).sql()) for index in range(expressions.size())]


def plain(expression: str) -> str:
    """The SQL of an expression as a person would write it: no catalogue, quotes only where they are needed."""
    short = re.sub(r"(?:`?\w+`?\.)+(`?\w+`?)", r"\1", expression)
    return re.sub(r"`([A-Za-z_]\w*)`", r"\1", short)


def details(error: Any) -> dict[str, Any]:
    """What an exception of Spark's tells beside its text."""
    found: dict[str, Any] = {"condition": "", "parameters": {}, "start": None, "end": None}
    found |= {"line": None, "position": None}
    if hasattr(error, "getCondition"):
        found["condition"] = error.getCondition() or ""
        found["parameters"] = dict(error.getMessageParameters() or {})
        for context in error.getQueryContext() or ():
            if context.contextType().name == "SQL" and context.startIndex() >= 0:
                found |= {"start": context.startIndex(), "end": context.stopIndex() + 1}
                break
    place = _PLACE.search(str(error))
    if place is not None:
        found |= {"line": int(place[1]), "position": int(place[2])}
    return found


if __name__ == "__main__":
    own = own_output()
    spark_program = SparkProgram(Path(sys.argv[1]))
    spark_program.warm_up()
    serve(sys.stdin, own, lambda order: answer(order, spark_program.ask))
