"""The JVM that a PyFlink process of ours talks to: started by us, so that its options are ours."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import yaml

from featuremill_local.environments import environment
from featuremill_local.java import find_java
from featuremill_local.jvm import quick_start_options


def gateway_command(jars: Sequence[Path], log4j: Path, heap: str) -> list[str]:
    """Its command line: PyFlink's gateway on Flink's own class path behind `jars`, with so much heap (`768m`)."""
    home = next((environment("job") / "lib").glob("python*/site-packages/pyflink"))
    packaged = yaml.safe_load((home / "conf" / "config.yaml").read_text())
    class_path = [*jars, *sorted((home / "lib").glob("*.jar")), *(home / "opt").glob("flink-python-*.jar")]
    return [
        str(find_java().executable),
        *quick_start_options(),
        f"-Xmx{heap}",
        *packaged["env"]["java"]["opts"]["all"].split(),
        f"-Dlog4j.configurationFile={log4j.as_uri()}",
        "-cp",
        os.pathsep.join(map(str, class_path)),
        "org.apache.flink.client.python.PythonGatewayServer",
    ]
