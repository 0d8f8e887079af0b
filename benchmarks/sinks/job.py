"""The batch ingestion job with another sink in the place of ours: the same source, the same plan, the same inserts.

    job.py PATH PIPELINE TTL_MS PARALLELISM BOOTSTRAP_SERVERS OPTIONS

OPTIONS is a JSON object, the sink's. Runs in the job environment as a PyFlink program; prints `job <id>`.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from featuremill_sinks.batch_ingestion import (
    CHECKPOINT_INTERVAL,
    DEFAULT_CHECKPOINT_INTERVAL,
    ORIGIN,
    OTHER_MESSAGE,
    WRITE,
    prepare,
)
from featuremill_sinks.ddl import REJECT, SINK_COLUMNS, dead_letters_table
from featuremill_sinks.options import with_options
from featuremill_sinks.program import execute, run, table_environment


def main(arguments: list[str]) -> None:
    """Submit the job. It ends by itself."""
    path, pipeline, ttl_ms, parallelism, bootstrap_servers, options = arguments
    environment = table_environment("bench-sinks")
    environment.get_config().set("parallelism.default", parallelism)
    environment.get_config().set(CHECKPOINT_INTERVAL, DEFAULT_CHECKPOINT_INTERVAL)
    day = date.fromisoformat(Path(path).name.removeprefix("dt="))
    prepare(environment, str(Path(path).parents[1]), pipeline, [day])
    columns = ", ".join(f"{name} {kind}" for name, kind in SINK_COLUMNS.items())
    environment.execute_sql(f"CREATE TABLE redis ({columns}) WITH ({with_options(json.loads(options))})")
    environment.execute_sql(dead_letters_table(bootstrap_servers))
    reject = REJECT.format(other_message=OTHER_MESSAGE, origin=ORIGIN)
    execute(environment, [WRITE.format(ttl_ms=int(ttl_ms)), reject])


if __name__ == "__main__":
    run(main, sys.argv[1:])
