"""Submits PyFlink programs to a session cluster, all of them from one warm JVM. Runs in the job environment.

`flink run` starts a JVM and loads the planner for every job, which takes longer than everything else of a local run.
This process does that once, while the cluster is still starting, and then runs one program after the other as
`python program.py arguments` would, with the cluster as the context that `flink run` would set up.

An order (see `orders.py`) is `{"program", "arguments": [...], "environment": {...}}`, its answer
`{"exit_code", "output"}`.
"""

from __future__ import annotations

import contextlib
import io
import os
import runpy
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from featuremill_local.environments import packages_of
from featuremill_local.orders import own_output, serve


def use_cluster(settings: Mapping[str, str] = {}) -> None:
    """Make the cluster of `$FLINK_CONF_DIR` the target of every environment created from now on.

    The settings are Flink's own and win over the cluster's.

    It is what `flink run` does (org.apache.flink.client.ClientUtils#executeProgram) before it runs a program.
    """
    from pyflink.java_gateway import get_gateway

    jvm = get_gateway().jvm
    configuration = jvm.org.apache.flink.configuration.GlobalConfiguration.loadConfiguration(
        os.environ["FLINK_CONF_DIR"]
    )
    for name, value in settings.items():
        configuration.setString(name, value)
    any_number = 2**31 - 1
    jvm.org.apache.flink.client.program.StreamContextEnvironment.setAsContext(
        jvm.org.apache.flink.core.execution.DefaultExecutorServiceLoader(),
        configuration,
        jvm.Thread.currentThread().getContextClassLoader(),
        any_number,
        any_number,
        False,
        None,
        None,
        jvm.java.util.Collections.emptyList(),
    )


def warm_up() -> None:
    """Load the planner's classes with a statement of no consequence."""
    from pyflink.table import EnvironmentSettings, TableEnvironment

    table_environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    table_environment.execute_sql("CREATE TABLE warm (k STRING, n INT) WITH ('connector' = 'datagen')")
    table_environment.execute_sql("CREATE TABLE cold (k STRING, n BIGINT) WITH ('connector' = 'print')")
    statements = table_environment.create_statement_set()
    statements.add_insert_sql("INSERT INTO cold SELECT k, COUNT(*) FROM warm GROUP BY k")
    statements.explain()


def run_program(order: dict[str, Any]) -> dict[str, Any]:
    """Run one program to its end; its exit code and what it printed."""
    output = io.StringIO()
    before, arguments = dict(os.environ), sys.argv
    modules = set(sys.modules)
    program = Path(order["program"])
    # modules of another program's must not be taken for this one's: its own, and those of its requirements.txt
    own = [str(program.parent)]
    if "FEATUREMILL_PYTHON" in order.get("environment", {}):
        own.append(str(packages_of(Path(order["environment"]["FEATUREMILL_PYTHON"]))))
    os.environ.update(order.get("environment", {}))
    sys.argv = [str(program), *order.get("arguments", [])]
    sys.path[:] = [own[0], *sys.path, *own[1:]]
    code = 0
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            runpy.run_path(str(program), run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            output.write(f"{end.code}\n")
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:
        output.write(traceback.format_exc())
        code = 1
    finally:
        sys.argv = arguments
        for folder in own:
            sys.path.remove(folder)
        os.environ.clear()
        os.environ.update(before)
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", None) or "").startswith(tuple(own)):
                del sys.modules[name]
    return {"exit_code": code, "output": output.getvalue()}


if __name__ == "__main__":
    own = own_output()
    use_cluster()
    warm_up()
    serve(sys.stdin, own, run_program)
