"""What is made once is made once, whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from featuremill_local.cache import SetupError, cache_root, content_hash, made_once

MAKE = """
import sys, time
from pathlib import Path
from featuremill_local.cache import made_once
def make(folder):
    with open(sys.argv[2], "a") as log:
        log.write("made\\n")
    # time enough for another to come in, if it could
    deadline = time.monotonic() + 1
    while Path(sys.argv[2]).read_text() == "made\\n" and time.monotonic() < deadline:
        time.sleep(0.01)
    (folder / "content").write_text("whole")
target = made_once(Path(sys.argv[1]), make)
print((target / "content").read_text())
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FEATUREMILL_CACHE", str(tmp_path / "cache"))


def test_four_processes_make_it_once(tmp_path):
    target, log = tmp_path / "cache" / "things" / "one", tmp_path / "log"
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE, target, log],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for _ in range(4)
    ]
    assert [maker.communicate()[0] for maker in makers] == ["whole\n"] * 4
    assert log.read_text() == "made\n"


def test_a_failure_leaves_nothing_behind(tmp_path):
    target = tmp_path / "cache" / "things" / "one"

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        made_once(target, fail)
    assert list(target.parent.iterdir()) == []
    assert made_once(target, lambda folder: (folder / "content").touch()) == target
    assert (target / "content").exists()


def test_a_full_disk_is_said_with_its_mend(tmp_path):
    def fill(folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(SetupError, match=r"(?s)no space is left on the disk.*help: .*FEATUREMILL_CACHE"):
        made_once(tmp_path / "cache" / "one", fill)


def test_a_cache_that_can_not_be_written_is_said_with_its_mend(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FEATUREMILL_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(SetupError, match=r"(?s)can't be written: Not a directory.*help: set FEATUREMILL_CACHE"):
        made_once(cache_root() / "one", lambda folder: None)


def test_hash_keeps_the_parts_apart():
    assert content_hash("ab", "c") != content_hash("a", "bc")
    assert content_hash("ab", b"c") == content_hash(b"ab", "c")
