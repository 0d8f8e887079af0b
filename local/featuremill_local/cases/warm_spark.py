"""One Spark session that runs the cases of batches, one after the other. Runs in the Spark environment.

An order (see `orders.py`) is `{"run", "program", "arguments", "environment", "rows", "locations", "day", "output"}`: a
batch's run.py, what is to be run, which may be the same, a file of JSON lines for each of the tables that has rows, the
folders where the tables shall lie, and one for what comes out. The tables are made and filled in their own formats;
then the program runs as it would alone, but for the session, which outlives it. With `feature_source`, the folder of
the pipeline's partitions, what run.py has written there is put into the output. Each order is answered by
`{"exit_code", "output"}`, as in `submitter.py`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from featuremill_local.orders import own_output, serve
from featuremill_local.submitter import run_program

FEATURE_SOURCE = "entity_key STRING, event_time TIMESTAMP, features MAP<STRING, STRING>"


def start() -> SparkSession:
    """A session with Hive's metastore, warm; `stop()` does nothing, since run.py says it at its end."""
    spark = SparkSession.builder.appName("cases").enableHiveSupport().getOrCreate()
    spark.sql("SHOW TABLES").collect()
    SparkSession.stop = lambda session: None
    return spark


def follow(spark: SparkSession, order: dict[str, Any]) -> dict[str, Any]:
    """Follow one order; the exit code and what was said."""
    own = os.environ["PYSPARK_PYTHON"]
    spark.sparkContext.pythonExec = order["environment"].get("FEATUREMILL_PYTHON", own)
    try:
        with _environment(order["environment"]):
            refused = _fill(spark, order)
        if refused:
            return {"exit_code": 1, "output": refused}
        answer = run_program(order)
        if answer["exit_code"] == 0 and "feature_source" in order:
            _collect(spark, order)
        return answer
    finally:
        _clear(spark)


def _fill(spark: SparkSession, order: dict[str, Any]) -> str:
    """Make the tables of run.py and write the case's rows into them; why that can't be, or nothing."""
    module = _loaded(Path(order["run"]))
    try:
        module.configure(spark)
        module.create_tables(spark, {name: {"location": place} for name, place in order["locations"].items()})
        for name, rows in order["rows"].items():
            schema = ", ".join(f"`{column}` {kind}" for column, kind in module.SOURCE_COLUMNS[name].items())
            table = module.resolved(name)
            frame = spark.read.schema(schema).option("mode", "FAILFAST").json(rows)
            # the columns of partitions stand last in a table, wherever they were declared
            frame.select(*spark.table(table).columns).coalesce(1).write.insertInto(table)
    except module.Refused as error:
        return str(error)
    except Exception as error:
        if not isinstance(error, PySparkException) and not type(error).__module__.startswith("py4j."):
            raise
        return f"the rows of the case can't be written into its tables: {module.root_cause(error)}"
    return ""


def _collect(spark: SparkSession, order: dict[str, Any]) -> None:
    """Write what run.py wrote to the output's files, in the form in which streams write it."""
    output = Path(order["output"])
    source = Path(order["feature_source"])
    partition = spark.read.schema(FEATURE_SOURCE).parquet(f"file://{source}/dt={order['day']}")
    rows = partition.orderBy("entity_key", "event_time").collect()
    with (output / "feature_source.jsonl").open("w", encoding="utf-8") as file:
        for row in rows:
            wire = {"entity_key": row["entity_key"], "event_time": _iso(row["event_time"]), "features": row["features"]}
            file.write(json.dumps(wire) + "\n")
    letters = sorted((source / "_dead_letters" / f"dt={order['day']}").glob("*.json"))
    text = "".join(path.read_text(encoding="utf-8") for path in letters)
    (output / "features_dead_letter.jsonl").write_text(text, encoding="utf-8")


def _iso(at: datetime) -> str:
    """`2013-06-02T00:00:00Z`; the process is in UTC."""
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds") + "Z"


def _clear(spark: SparkSession) -> None:
    """Forget all tables: the next case's may have the same names."""
    for database in spark.catalog.listDatabases():
        for table in spark.sql(f"SHOW TABLES IN `{database.name}`").collect():
            spark.sql(f"DROP TABLE `{database.name}`.`{table['tableName']}`")
        if database.name != "default":
            spark.sql(f"DROP DATABASE `{database.name}` CASCADE")
    spark.catalog.clearCache()


def _loaded(program: Path) -> Any:
    """run.py as a module, whose functions don't run anything by themselves."""
    spec = importlib.util.spec_from_file_location("featuremill_run_of_a_case", program)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


if __name__ == "__main__":
    own = own_output()
    session = start()
    serve(sys.stdin, own, lambda order: follow(session, order))
