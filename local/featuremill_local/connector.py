"""Our own connector jar: built by Maven from `sinks/connector`, once for each state of its sources."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.manifest import ConnectorJar

from featuremill_local.cache import SetupError, cache_root, content_hash, made_once, progress
from featuremill_local.helpers import run_helper
from featuremill_local.java import find_maven, with_java
from featuremill_local.places import REPOSITORY

MODULE = REPOSITORY / "sinks" / "connector"


@dataclass(frozen=True)
class BuiltConnector:
    """The jar, and what a package's manifest says of it."""

    path: Path
    pin: ConnectorJar


def build_connector() -> BuiltConnector:
    """The connector jar of this clone's sources, from the cache or built now. Raises `SetupError`."""
    jar = _built("connector", module_files(tests=False), [])
    artifact, version = re.fullmatch(r"(.+)-(\d.*)\.jar", jar.name).groups()  # type: ignore[union-attr]
    digest = hashlib.sha256(jar.read_bytes()).hexdigest()
    return BuiltConnector(jar, ConnectorJar(f"io.featuremill:{artifact}:{version}", digest))


def build_control_connector() -> Path:
    """The jar with the sinks that have a flaw built in, `featuremill-redis-forgetful` and `-careless`: for controls."""
    return _built("connector-control", module_files(tests=True), ["-Pcontrol"])


def module_files(*, tests: bool) -> list[Path]:
    """What the module is built from: its pom and its sources, its tests' sources if asked for."""
    sources = MODULE / "src" if tests else MODULE / "src" / "main"
    return [MODULE / "pom.xml", *sorted(path for path in sources.rglob("*") if path.is_file())]


def copy_module(files: list[Path], folder: Path) -> None:
    """Copy the module's files: Maven writes beside what it builds, and two builds must not meet."""
    for path in files:
        copy = folder / path.relative_to(MODULE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _built(kind: str, files: list[Path], profile: list[str]) -> Path:
    key = content_hash(*(part for path in files for part in (str(path.relative_to(MODULE)), path.read_bytes())))
    # the profile's jar carries its name behind the version
    pattern = "featuremill-redis-*-control.jar" if profile else "featuremill-redis-*[0-9].jar"

    def build(target: Path) -> None:
        progress(f"building the {kind} from sinks/connector (once for each state of its sources) ...")
        with tempfile.TemporaryDirectory(prefix="featuremill-connector-") as name:
            copy_module(files, Path(name))
            run_maven([*profile, "-DskipTests", "package"], Path(name))
            (jar,) = (Path(name) / "target").glob(pattern)
            shutil.copyfile(jar, target / jar.name)

    (jar,) = made_once(cache_root() / kind / key, build).glob("*.jar")
    return jar


def run_maven(arguments: list[str], module: Path, **variables: str) -> None:
    """Run Maven in a module's folder, with more environment variables; raises `SetupError` with what it said."""
    command = [str(find_maven()), "--batch-mode", "--quiet", "--no-transfer-progress", *arguments]
    done = run_helper(command, cwd=module, env=with_java(os.environ) | variables)
    if done.exit_code == 0:
        return
    errors = [line for line in done.output.splitlines() if line.startswith("[ERROR]")] or done.output.splitlines()
    said = "\n".join(f"  {line}" for line in errors[:12])
    raise SetupError(
        f"the connector could not be built; Maven says:\n{said}\n"
        "help: this step downloads from Maven Central: check the network and a proxy (in ~/.m2/settings.xml)"
    )
