"""run.py of a batch as a user's own process, on a Spark of its own whose machine is not in UTC."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen import ConnectorJar, build_package
from featuremill_local.environments import process_environment, python
from featuremill_local.spark import configure, spark_environment

PIN = ConnectorJar("io.featuremill:featuremill-redis:0.1.0", "0" * 64)
JAVA = "-Duser.timezone=America/New_York -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
ELSEWHERE = {"TZ": "America/New_York", "JAVA_TOOL_OPTIONS": JAVA}
READ_PARTITION = Path(__file__).with_name("read_partition.py")


@dataclass(frozen=True)
class Program:
    """A command and the environment variables of its process."""

    command: list[str]
    variables: dict[str, str]

    def run(self, folder: Path, seconds: float = 240) -> subprocess.CompletedProcess[str]:
        """Runs it in a folder, to its end."""
        return subprocess.run(
            self.command, env=self.variables, cwd=folder, capture_output=True, text=True, timeout=seconds
        )


def program(
    pipeline: Path,
    folder: Path,
    tables: Mapping[str, Path],
    *arguments: str,
    settings: Mapping[str, object] = {},
    **variables: str,
) -> Program:
    """The run.py of a pipeline's folder over these tables; partitions go to `folder`/feature_source.

    `settings` are Spark's own, beside those of every test.
    """
    configure(folder, settings)
    overrides = {name: {"location": f"file://{table}"} for name, table in tables.items()}
    (folder / "overrides.json").write_text(json.dumps(overrides))
    package = build_package(pipeline, folder / "dist", PIN)
    return Program(
        [
            *(str(python("spark")), str(package.path / "run.py"), "--feature-source", str(folder / "feature_source")),
            *("--overrides", str(folder / "overrides.json"), *arguments),
        ],
        spark_environment(folder) | ELSEWHERE | {"WAREHOUSE": "/not/there"} | variables,
    )


def said(text: str, pipeline: str) -> dict[str, str]:
    """What run.py said of the days that failed."""
    prefix = f"{pipeline}: dt="
    lines = [line.removeprefix(prefix) for line in text.splitlines() if line.startswith(prefix)]
    return dict(line.split(": ", 1) for line in lines)


def rows_of(partition: Path) -> list[tuple[str, int, dict[str, str | None]]]:
    """The rows of a partition: key, event time in milliseconds, features."""
    command = [str(python("job")), str(READ_PARTITION), str(partition)]
    read = subprocess.run(command, env=process_environment("job"), capture_output=True, text=True, check=True)
    return [(key, time, features) for key, time, features in json.loads(read.stdout)]
