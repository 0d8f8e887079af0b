"""What a machine lacks is said in one message with the mend: no Java, no network, a jar that was changed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from featuremill_local import jars, java
from featuremill_local.cache import SetupError, cache_root
from featuremill_local.environments import environment
from featuremill_local.java import Java, find_java


@pytest.fixture(autouse=True)
def new_machine(tmp_path, monkeypatch):
    """An empty cache, and a pip and a Python that can reach nothing."""
    monkeypatch.setenv("FEATUREMILL_CACHE", str(tmp_path / "cache"))
    for variable in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")


@pytest.mark.slow
def test_an_environment_without_a_network():
    with pytest.raises(SetupError) as refused:
        environment("serving")
    message = str(refused.value)
    assert "the serving environment could not be made; pip says:" in message
    assert "help: this step downloads from PyPI" in message
    assert not list((cache_root() / "environments").iterdir()), "half an environment must not stay"


@pytest.fixture
def no_jre(monkeypatch, tmp_path):
    """No Java anywhere, and none to be had from PyPI."""

    def refuse(name):
        raise SetupError(f"the {name} environment could not be made")

    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr(java, "environment", refuse)
    find_java.cache_clear()
    yield
    find_java.cache_clear()


def program(path: Path, version: str) -> Path:
    """A `java` in a home at `path` that says it is of this version."""
    (path / "bin").mkdir(parents=True)
    (path / "bin" / "java").write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    (path / "bin" / "java").chmod(0o755)
    return path


NO_JAVA = (
    r"no Java of release 17 or later is on this machine, .*: the jre environment could not be made\n"
    "help: or install a JDK 17"
)


def test_no_java_and_no_network(no_jre):
    with pytest.raises(SetupError, match=NO_JAVA):
        find_java()


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_392", "16"])
def test_an_old_java_is_passed_over(version, no_jre, monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(program(tmp_path / "old", version)))
    with pytest.raises(SetupError, match=NO_JAVA):
        find_java()
    new = program(tmp_path / "new", "17.0.9")
    monkeypatch.setenv("PATH", str(new / "bin"))
    assert find_java() == Java(new, 17)


def test_a_jar_without_a_network():
    with pytest.raises(SetupError, match=r"(?s)could not be downloaded.*help: this step downloads from Maven Central"):
        jars.download("connectors")


def test_a_jar_that_is_not_what_the_lock_pins_is_refused(monkeypatch, tmp_path):
    changed = tmp_path / "changed.jar"
    changed.write_bytes(b"something else")
    monkeypatch.setattr(jars, "_resolve", lambda key, repository: changed)
    with pytest.raises(SetupError, match=f"its SHA-256 is {hashlib.sha256(b'something else').hexdigest()}, expected "):
        jars.download("connectors")
    assert not list((cache_root() / "jars").glob("*.jar"))


def test_a_connector_that_is_not_pinned_is_named():
    with pytest.raises(SetupError, match=r"org.example:sink:1.0 is not among the pinned ones \(org.apache.flink"):
        jars.connector_jar("org.example:sink:1.0")


def test_a_full_disk_is_a_message():
    ended = subprocess.run(
        [sys.executable, "-c", FULL],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert ended.returncode == 2
    assert "error: no space is left on the disk" in ended.stderr
    assert "Traceback" not in ended.stderr


FULL = """
import errno, os, sys
from featuremill_local import __main__ as command
def full(given, console):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/somewhere")
command._down = full
sys.exit(command.main(["down"]))
"""


def test_the_locks_name_no_host_and_pin_everything():
    folder = Path(jars.LOCK).parent
    for lock in folder.glob("*.txt"):
        lines = [line for line in lock.read_text().splitlines() if line and not line.startswith((" ", "#"))]
        assert lines
        assert all("==" in line for line in lines), lock
        assert "://" not in lock.read_text()
        assert lock.read_text().count("--hash=sha256:") >= len(lines)
    for group in jars.lock().values():
        for coordinates, digest in group.items():
            assert len(digest) == 64, coordinates
