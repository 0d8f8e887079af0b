"""Asks Flink's planner about one package after the other, in one JVM. Runs in the job environment; no job is started.

Its argument is the JVM's command line, as a JSON list. Orders come on standard input, one JSON object a line:
`{"package": folder, "variables": {name: value}, "keys": [column, …]}`. Each is answered by a line on standard output.
The first line, `{"ready": true}`, says that the JVM is warm. An answer is one of

    {"stage": where, "error": what Java or Python said}
    {"columns": [[name, type], …], "plan": compiled plan, "explained": text, "conflict": what Java said, or ""}

`stage` is `functions`, `table:<name>`, `format:<name>`, `view:<number>`, `query`, `rows` or `plan`. `explained` is what
EXPLAIN says of an updating query, with the advice; `conflict` is why it can't be keyed by the keys and its event time.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

from featuremill_local.cases.mini_cluster import start_jvm

TARGET = "featuremill_target"
INSERT = ["INSERT"]


class Refused(Exception):
    """A statement that Flink refuses, or functions that can't be imported: where, and what was said."""

    def __init__(self, stage: str, said: str) -> None:
        super().__init__(said)
        self.stage = stage


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """Turn what is raised inside into Refused."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stderr(printed):
            yield
    except SystemExit:
        raise Refused(name, printed.getvalue().strip()) from None
    except Exception as error:
        if not type(error).__module__.startswith(("py4j.", "pyflink.")):
            raise
        raise Refused(name, str(error)) from None


def answer(order: Mapping[str, Any]) -> dict[str, Any]:
    """The planner's answer about one package."""
    before, modules = dict(os.environ), set(sys.modules)
    package = Path(order["package"])
    os.environ.update(order["variables"])
    try:
        return ask(runpy.run_path(str(package / "run.py")), order["keys"])
    except Refused as refused:
        return {"stage": refused.stage, "error": str(refused)}
    finally:
        os.environ.clear()
        os.environ.update(before)
        # run.py put its folder on the path, and another package's module of the same name must not be taken for its
        sys.path[:] = [each for each in sys.path if each != str(package)]
        for name in set(sys.modules) - modules:
            module = sys.modules[name]
            file = None if isinstance(module, NotInstalled) else getattr(module, "__file__", None)
            if isinstance(module, NotInstalled) or str(file).startswith(str(package)):
                del sys.modules[name]


def ask(program: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Do what the `main` of a run.py does, up to where it would start the job, and ask for the plan instead."""
    from pyflink.table import EnvironmentSettings, TableEnvironment

    tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    program["configure"](tables)
    tables.get_config().set("table.plan.compile.catalog-objects", "SCHEMA")  # or it would hold the tables' options
    if "register_functions" in program:
        register_functions(program, tables)
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
        explained, conflict = explain(tables, columns, keys)
    elif has_updates(plan):
        explained, conflict = explain(tables, columns, ())
    return {"columns": columns, "plan": plan, "explained": explained, "conflict": conflict}


class NotInstalled(ModuleType):
    """Stands in for a module of requirements.txt: nothing of it is called, since no function is. Any name is in it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> NotInstalled:
        if name.startswith("__"):
            raise AttributeError(name)
        return NotInstalled(name)

    def __call__(self, *_: object, **__: object) -> NotInstalled:
        """What a decorator or a constant of the module would be."""
        return NotInstalled("value")


def register_functions(program: dict[str, Any], tables: Any) -> None:
    """Make the Python functions known with their types, whether or not requirements.txt is installed here."""
    has_requirements = (program["HERE"] / "requirements.txt").exists()
    while True:
        try:
            with stage("functions"):
                program["register_functions"](tables)
            return
        except Refused as refused:
            missing = re.search(r"No module named '([\w.]+)'", str(refused))
            if missing is None or missing[1] in sys.modules or not has_requirements:
                raise
            sys.modules[missing[1]] = NotInstalled(missing[1])


def own_lines(statement: str) -> str:
    """The statement from its own first line on: in a run.py, one of several lines begins behind the opening quotes."""
    return statement.removeprefix("\n")


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


def serve(orders: TextIO, answers: TextIO) -> None:
    """Follow the orders until they end."""
    from featuremill_local.submitter import warm_up

    def tell(value: Mapping[str, Any]) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    warm_up()
    tell({"ready": True})
    for line in orders:
        with contextlib.redirect_stdout(sys.stderr):
            found = answer(json.loads(line))
        tell(found)


if __name__ == "__main__":
    # the JVM inherits descriptor 1 and logs there: the answers keep a descriptor of their own
    own = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    start_jvm(json.loads(sys.argv[1]))
    serve(sys.stdin, own)
