"""A Java that Spark 4 can be started with.

Spark's launcher adds `--add-modules=jdk.incubator.vector` to every JVM, which makes its linear algebra faster. A JRE
without that module, such as the one from PyPI, ends at once. Spark's code does without the module where it isn't there,
so such a JRE is started by a script that leaves the option out.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from featuremill_local.cache import cache_root, content_hash, made_once
from featuremill_local.java import find_java, with_java

VECTORS = "jdk.incubator.vector"
SCRIPT = """#!/bin/sh
for argument do
  shift
  [ "$argument" = --add-modules={module} ] || set -- "$@" "$argument"
done
exec {java} "$@"
"""


def with_spark_java(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment variables of a program that starts Spark. Raises `SetupError` where there is no Java."""
    java = find_java()
    found = with_java(environment)
    if not _has_vectors(java.executable):
        found["JAVA_HOME"] = str(_home_without_vectors(java.executable))
    return found


@cache
def _has_vectors(java: Path) -> bool:
    modules = subprocess.run([java, "--list-modules"], capture_output=True, text=True).stdout
    return any(line.startswith(f"{VECTORS}@") for line in modules.splitlines())


def _home_without_vectors(java: Path) -> Path:
    """A folder with `bin/java`: Spark looks for nothing else in JAVA_HOME."""
    script = SCRIPT.format(module=VECTORS, java=shlex.quote(str(java)))

    def make(folder: Path) -> None:
        (folder / "bin").mkdir()
        (folder / "bin" / "java").write_text(script)
        (folder / "bin" / "java").chmod(0o755)

    return made_once(cache_root() / "tools" / f"spark-java-{content_hash(script)}", make)
