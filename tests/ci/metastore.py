"""A real Hive metastore, out of the jars that Spark brings, with a Derby of its own."""

from __future__ import annotations

import os
import socket

from featuremill_local.environments import packages_of, python
from featuremill_local.java import find_java
from featuremill_local.runs import Run

START_SECONDS = 120.0


def start_metastore(run: Run) -> str:
    """Start it and wait until it answers; its address. It ends with the run, and its tables with the run's folder."""
    port = run.ports.take()
    folder = run.data / "metastore"
    folder.mkdir()
    settings = {
        "javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder / 'tables'};create=true",
        "datanucleus.schema.autoCreateAll": "true",
        "hive.metastore.schema.verification": "false",
        "hive.async.log.enabled": "false",  # it needs a jar that Spark has no use for
        "hive.metastore.warehouse.dir": f"file://{folder / 'warehouse'}",
    }
    properties = (f"<property><name>{name}</name><value>{value}</value></property>" for name, value in settings.items())
    (folder / "hive-site.xml").write_text(f"<configuration>{''.join(properties)}</configuration>")
    jars = packages_of(python("spark")) / "pyspark" / "jars" / "*"
    process = run.processes.start(
        "metastore",
        [
            *(find_java().executable, "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *("-cp", f"{folder}{os.pathsep}{jars}", "org.apache.hadoop.hive.metastore.HiveMetaStore", "-p", str(port)),
        ],
    )
    process.wait_until(lambda: listens(port), START_SECONDS, "it listened")
    return f"thrift://127.0.0.1:{port}"


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
