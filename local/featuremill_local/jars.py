"""Jars from Maven Central: pinned with their SHA-256 in `environments/jars.json`, downloaded once, verified.

The lock holds groups (the broker's class path, a connector with what it needs): Maven coordinates to digests.
`python -m featuremill_local.jars` makes it again from the roots below.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from featuremill_local.cache import SetupError, cache_root, explained_full_disk, locked, progress, writable_folder
from featuremill_local.places import REPOSITORY

LOCK = REPOSITORY / "local" / "environments" / "jars.json"
# group -> (coordinates, whether what they depend on belongs to the group)
ROOTS: dict[str, tuple[list[str], bool]] = {
    "kafka-broker": (["org.apache.kafka:kafka_2.13:jar:4.1.1", "org.slf4j:slf4j-simple:jar:1.7.36"], True),
    "maven": (["org.apache.maven:apache-maven:zip:bin:3.9.9"], False),
    # for the fault runs: a JobManager with high availability. Of what it depends on, what a server alone runs on
    "zookeeper": (
        [
            "org.apache.zookeeper:zookeeper:jar:3.9.4",
            "org.apache.zookeeper:zookeeper-jute:jar:3.9.4",
            *(f"io.netty:netty-{part}:jar:4.1.119.Final" for part in ("buffer", "common", "handler", "transport")),
            "commons-io:commons-io:jar:2.17.0",
            "io.dropwizard.metrics:metrics-core:jar:4.1.12.1",
            "org.xerial.snappy:snappy-java:jar:1.1.10.7",
            "org.slf4j:slf4j-api:jar:1.7.36",
            "org.slf4j:slf4j-simple:jar:1.7.36",
        ],
        False,
    ),
    "connectors": (["org.apache.flink:flink-sql-connector-kafka:jar:5.0.0-2.2"], False),
    # Hadoop's two jars stand alone: they shade what they need
    "parquet": (
        [
            "org.apache.flink:flink-sql-parquet:jar:2.3.0",
            "org.apache.hadoop:hadoop-client-api:jar:3.4.2",
            "org.apache.hadoop:hadoop-client-runtime:jar:3.4.2",
        ],
        False,
    ),
    # for the benchmark: what other sinks write with
    "jedis": (
        [
            "redis.clients:jedis:jar:7.5.3",
            "org.apache.commons:commons-pool2:jar:2.12.1",
            "org.json:json:jar:20251224",
            "com.google.code.gson:gson:jar:2.13.2",
            "redis.clients.authentication:redis-authx-core:jar:0.1.1-beta2",
        ],
        False,
    ),
}


@cache
def lock() -> dict[str, dict[str, str]]:
    """The lock file: group -> coordinates `group:artifact:type[:classifier]:version` -> SHA-256 in hex."""
    loaded: dict[str, dict[str, str]] = json.loads(LOCK.read_text())
    return loaded


def download(group: str) -> list[Path]:
    """The files of a group of the lock, in its order, from the cache or from Maven Central.

    Raises `SetupError` if one can't be had or is not what the lock says.
    """
    return _fetch(lock()[group])


def connector_jar(coordinates: str) -> Path:
    """The jar of `group:artifact:version`, as a package's manifest names it. Raises `SetupError` if it isn't pinned."""
    group, artifact, version = coordinates.split(":")
    key = f"{group}:{artifact}:jar:{version}"
    pinned = lock()["connectors"].get(key)
    if pinned is None:
        raise SetupError(
            f"the connector jar {coordinates} is not among the pinned ones ({', '.join(lock()['connectors'])})\n"
            f"help: add it to the roots in {Path(__file__).name} and make {LOCK.name} again"
        )
    return _fetch({key: pinned})[0]


def _fetch(wanted: dict[str, str]) -> list[Path]:
    folder = cache_root() / "jars"
    paths = {key: folder / f"{digest[:16]}-{_file_name(key)}" for key, digest in wanted.items()}
    missing = [key for key, path in paths.items() if not path.exists()]
    if missing:
        with locked("jars"), explained_full_disk(writable_folder(folder)):
            missing = [key for key in missing if not paths[key].exists()]
            if missing:
                progress(
                    f"downloading {len(missing)} file{'s' if len(missing) > 1 else ''} from Maven Central (once) ..."
                )
            with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as part, ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda key: _fetch_one(key, wanted[key], paths[key], Path(part)), missing))
    return list(paths.values())


def _fetch_one(key: str, digest: str, target: Path, part: Path) -> None:
    found = _resolve(key, part)
    actual = hashlib.sha256(found.read_bytes()).hexdigest()
    if actual != digest:
        raise SetupError(
            f"{key} is not the file that {LOCK.name} pins: its SHA-256 is {actual}, expected {digest}\n"
            "help: a mirror or a proxy may have changed it; nothing of it was used"
        )
    os.replace(found, target)


def _resolve(key: str, repository: Path) -> Path:
    # imported here: the import takes 0.3 s, and with a warm cache nobody needs it
    import requests
    from jgo.maven import MavenContext

    group, artifact, packaging, *classifier, version = key.split(":")
    context = MavenContext(repo_cache=repository, timeout=60)
    component = context.project(group, artifact).at_version(version)
    try:
        return component.artifact(classifier=classifier[0] if classifier else "", packaging=packaging).resolve()
    except (RuntimeError, requests.RequestException) as error:
        raise SetupError(
            f"{key} could not be downloaded: {error}\n"
            "help: this step downloads from Maven Central: check the network and a proxy (HTTPS_PROXY)"
        ) from None


def _file_name(key: str) -> str:
    _, artifact, packaging, *classifier, version = key.split(":")
    return "-".join([artifact, version, *classifier]) + f".{packaging}"


def make_lock() -> dict[str, dict[str, str]]:
    """Resolve the roots anew and digest every file."""
    from jgo.maven import MavenContext

    repository = Path(tempfile.mkdtemp(prefix="jars-lock-"))
    made: dict[str, dict[str, str]] = {}
    try:
        context = MavenContext(repo_cache=repository, timeout=60)
        for name, (roots, transitive) in ROOTS.items():
            keys = list(roots)
            if transitive:
                dependencies = []
                for root in roots:
                    group, artifact, _, version = root.split(":")
                    dependencies.append(context.create_dependency(f"{group}:{artifact}:{version}"))
                for node in context.resolver.get_dependency_list(dependencies)[1]:
                    found = node.dep
                    keys.append(f"{found.groupId}:{found.artifactId}:{found.type}:{found.version}")
            made[name] = {
                key: hashlib.sha256(_resolve(key, repository).read_bytes()).hexdigest() for key in dict.fromkeys(keys)
            }
    finally:
        shutil.rmtree(repository, ignore_errors=True)
    return made


if __name__ == "__main__":
    LOCK.write_text(json.dumps(make_lock(), indent=2) + "\n")
    print(f"wrote {LOCK}", file=sys.stderr)
