"""The streaming ingestion program with settings of Flink's own, as `flink run -D NAME=VALUE` gives them.

Arguments: NAME=VALUE as often as needed, then those of the program. Runs in the job environment.
"""

from __future__ import annotations

import sys
from itertools import takewhile

from featuremill_local.submitter import use_cluster
from featuremill_sinks.program import run
from featuremill_sinks.streaming_ingestion import main

if __name__ == "__main__":
    settings = list(takewhile(lambda argument: not argument.startswith("--"), sys.argv[1:]))
    use_cluster(dict(setting.split("=", 1) for setting in settings))
    run(main, sys.argv[1 + len(settings) :])
