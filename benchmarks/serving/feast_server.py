"""Feast, in its own environment: a feature store that is made and filled by its own means, and its servers.

    python benchmarks/serving/feast_server.py fill FOLDER REDIS_PORT
    python benchmarks/serving/feast_server.py http|grpc FOLDER

The registry and the offline store are files in the folder, the online store is Redis. `rows.json` in the folder has
the columns of each feature view: `{"view": {"user": [...], "feature_00": [...], ...}}`. A server prints
`listening HOST:PORT` before it starts to listen.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

_PROJECT = "bench"


def fill(folder: Path, redis_port: int) -> None:
    """Makes the store, and writes every row to Redis as Feast does."""
    import pandas as pd
    from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType
    from feast.types import Float64, Int64, PrimitiveFeastType

    (folder / "feature_store.yaml").write_text(
        f"project: {_PROJECT}\nprovider: local\nregistry: {folder / 'registry.db'}\n"
        f"online_store: {{type: redis, connection_string: '127.0.0.1:{redis_port}'}}\n"
        "offline_store: {type: file}\nentity_key_serialization_version: 3\n"
    )
    rows = {name: pd.DataFrame(columns) for name, columns in json.loads((folder / "rows.json").read_text()).items()}
    user = Entity(name="user", join_keys=["user"], value_type=ValueType.STRING)
    types: dict[str, PrimitiveFeastType] = {"int64": Int64, "float64": Float64}
    views = []
    for name, frame in rows.items():
        frame["event_timestamp"] = datetime.now(UTC)
        path = folder / f"{name}.parquet"
        frame.to_parquet(path)
        schema = [
            Field(name=column, dtype=types[str(kind)]) for column, kind in frame.dtypes.items() if str(kind) in types
        ]
        source = FileSource(path=str(path), timestamp_field="event_timestamp")
        views.append(FeatureView(name=name, entities=[user], ttl=timedelta(days=7), schema=schema, source=source))
    store = FeatureStore(repo_path=str(folder))
    store.apply([user, *views])
    for name, frame in rows.items():
        store.write_to_online_store(name, frame)


def serve(protocol: str, folder: Path) -> None:
    """One worker, without a log of accesses, and never restarted: workers are by default, every thousand requests."""
    from feast.cli.cli import cli

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.chdir(folder)
    print(f"listening 127.0.0.1:{port}", flush=True)
    if protocol == "grpc":
        options = f"listen --address 127.0.0.1:{port} --max_workers 10"
    else:
        options = f"serve --host 127.0.0.1 --port {port} --workers 1 --no-access-log"
        options += " --max-requests 0 --max-requests-jitter 0"
    cli(f"{options} --registry_ttl_sec 3600".split())


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        serve(sys.argv[1], Path(sys.argv[2]))
