"""Our own connector jar: built by Maven from `sinks/connector`, once for each state of its sources."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.package import ConnectorJar

from featuremill_local.cache import SetupError, cache_root, content_hash, made_once
from featuremill_local.environments import REPOSITORY
from featuremill_local.helpers import run_helper
from featuremill_local.java import find_maven, java_environment

MODULE = REPOSITORY / "sinks" / "connector"


@dataclass(frozen=True)
class BuiltConnector:
    """The jar, and what a package's manifest says of it."""

    path: Path
    pin: ConnectorJar


def build_connector() -> BuiltConnector:
    """The connector jar of this clone's sources, from the cache or built now. Raises `SetupError`."""
    sources = sorted(path for path in (MODULE / "src" / "main").rglob("*") if path.is_file())
    files = [MODULE / "pom.xml", *sources]
    key = content_hash(*(part for path in files for part in (str(path.relative_to(MODULE)), path.read_bytes())))
    folder = made_once(cache_root() / "connector" / key, lambda target: _build(files, target))
    (jar,) = folder.glob("*.jar")
    artifact, version = re.fullmatch(r"(.+)-(\d.*)\.jar", jar.name).groups()  # type: ignore[union-attr]
    digest = hashlib.sha256(jar.read_bytes()).hexdigest()
    return BuiltConnector(jar, ConnectorJar(f"io.featuremill:{artifact}:{version}", digest))


def _build(files: list[Path], target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="featuremill-connector-") as name:
        module = Path(name)
        for path in files:
            copy = module / path.relative_to(MODULE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        run_maven(["-DskipTests", "package"], module)
        (jar,) = (path for path in (module / "target").glob("featuremill-redis-*.jar") if path.stem[-1].isdigit())
        shutil.copyfile(jar, target / jar.name)


def run_maven(arguments: list[str], module: Path) -> None:
    """Run Maven in a module's folder; raises `SetupError` with what it said."""
    command = [str(find_maven()), "--batch-mode", "--quiet", "--no-transfer-progress", *arguments]
    done = run_helper(command, cwd=module, env=java_environment())
    if done.exit_code == 0:
        return
    errors = [line for line in done.output.splitlines() if line.startswith("[ERROR]")] or done.output.splitlines()
    said = "\n".join(f"  {line}" for line in errors[:8])
    raise SetupError(
        f"the connector could not be built; Maven says:\n{said}\n"
        "help: this step downloads from Maven Central: check the network and a proxy (in ~/.m2/settings.xml)"
    )
