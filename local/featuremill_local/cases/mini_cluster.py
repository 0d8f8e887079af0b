"""One JVM with a Flink in it, that is client and cluster at once, and runs one program after the other.

Runs in the job environment; its argument is the JVM's command line, as a JSON list. Orders and answers are those of
`submitter.py`. The cluster's REST interface, which its configuration in `$FLINK_CONF_DIR` places, tells of the jobs.
"""

from __future__ import annotations

import importlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from featuremill_local.orders import own_output, serve
from featuremill_local.submitter import run_program, use_cluster, warm_up

POLL_SECONDS = 0.02


def start_jvm(command: list[str]) -> None:
    """Start the JVM that PyFlink talks to. It ends when this process does, since its standard input ends then.

    PyFlink would start one itself, with a pipe for its errors that nobody reads. The JVM waits a few seconds for us to
    call, so it is called at once; what takes long in Python is imported meanwhile.
    """
    importing = threading.Thread(target=importlib.import_module, args=["pyflink.table"])
    importing.start()
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "port"
        jvm = subprocess.Popen(command, stdin=subprocess.PIPE, env=os.environ | {"_PYFLINK_CONN_INFO_PATH": str(told)})
        while not told.exists():
            if jvm.poll() is not None:
                sys.exit(f"the JVM ended with exit code {jvm.returncode}")
            time.sleep(POLL_SECONDS)
        port, _ = struct.unpack("!II", told.read_bytes())
    os.environ["PYFLINK_GATEWAY_PORT"] = str(port)
    importlib.import_module("pyflink.java_gateway").get_gateway()
    importing.join()


def start_cluster() -> None:
    """Start a mini cluster of one TaskManager in the JVM."""
    from pyflink.java_gateway import get_gateway

    flink = get_gateway().jvm.org.apache.flink
    settings = flink.configuration.GlobalConfiguration.loadConfiguration(os.environ["FLINK_CONF_DIR"])
    builder = flink.runtime.minicluster.MiniClusterConfiguration.Builder()
    builder.setConfiguration(settings).setNumTaskManagers(1).setNumSlotsPerTaskManager(1)
    flink.runtime.minicluster.MiniCluster(builder.build()).start()


if __name__ == "__main__":
    own = own_output()
    start_jvm(json.loads(sys.argv[1]))
    start_cluster()
    use_cluster()
    warm_up()
    serve(sys.stdin, own, run_program)
