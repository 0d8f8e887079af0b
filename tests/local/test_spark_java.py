"""A JRE without the module that Spark's launcher asks for starts all the same."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from featuremill_local import java, spark_java
from featuremill_local.java import Java
from featuremill_local.spark_java import with_spark_java

ASKED = ["--add-modules=jdk.incubator.vector", "-Dwords=two words", "", "--add-modules=java.sql", "Main"]


def java_of(folder: Path, modules: str) -> Java:
    """A `java` that has these modules, and writes down its other arguments."""
    program = folder / "a java's home" / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\n[ "$1" = --list-modules ] && echo {modules} && exit\nprintf "<%s>" "$@"\n')
    program.chmod(0o755)
    return Java(program.parents[1], 17)


@pytest.mark.parametrize(
    ("modules", "arrived"),
    [("java.base@17", ASKED[1:]), ("jdk.incubator.vector@17", ASKED)],
)
def test_the_option_is_left_out_where_the_module_is_missing(
    modules: str, arrived: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEATUREMILL_CACHE", str(tmp_path / "cache"))
    found = java_of(tmp_path, modules)
    for module in (java, spark_java):
        monkeypatch.setattr(module, "find_java", lambda: found)
    home = with_spark_java({"PATH": "/bin"})["JAVA_HOME"]
    run = subprocess.run([f"{home}/bin/java", *ASKED], capture_output=True, text=True, check=True)
    assert run.stdout == "".join(f"<{argument}>" for argument in arrived)
