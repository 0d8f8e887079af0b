"""Remembers what a pipeline's folder said by itself, so that a run reads again only what has changed.

A pipeline is known by the content of its files, all of them by the code that judges: another release, another Python,
or an edit in a rule, and nothing is remembered. One file for each folder of pipelines, in the user's cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from featuremill_codegen.lint.checked import Checked
from featuremill_codegen.replace_file import replace_file
from featuremill_codegen.source import read_start

FILES = ("feature.yaml", "source.sql", "transform.sql", "source.hql", "transform.hql", "udf_def.py", "requirements.txt")
"""What lint reads of a pipeline."""


class Cache:
    """What was said of the pipelines of one folder. `path` is its file; with None nothing is remembered."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._code = code_version() if path is not None else ""
        self._before = self._load()
        self._now: dict[str, Any] = {}
        self._changed = False

    def get(self, folder: Path, check: Callable[[Path], Checked]) -> Checked:
        """What `check(folder)` said when the files were as they are now."""
        if self._path is None:
            return check(folder)
        key = _content(folder)
        known = self._before.get(folder.name)
        if known is not None and known["key"] == key:
            with contextlib.suppress(KeyError, TypeError, ValueError):
                checked = Checked.from_json(known["checked"])
                self._now[folder.name] = known
                return checked
        checked = check(folder)
        self._now[folder.name] = {"key": key, "checked": checked.to_json()}
        self._changed = True
        return checked

    def save(self) -> None:
        """Write what is known now. A cache that can't be written is no reason to fail."""
        if self._path is None or not (self._changed or self._now.keys() != self._before.keys()):
            return
        text = json.dumps({"code": self._code, "pipelines": self._now}, separators=(",", ":"))
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._path, text.encode())

    def _load(self) -> dict[str, Any]:
        if self._path is None:
            return {}
        try:
            value = json.loads(self._path.read_text(encoding="utf-8"))
            pipelines = value["pipelines"]
            fits = value["code"] == self._code and all(isinstance(each["key"], str) for each in pipelines.values())
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}
        return dict(pipelines) if fits else {}


def cache_file(root: Path) -> Path:
    """Where what is known of the pipelines in `root` is kept, below `$FEATUREMILL_CACHE` or the user's cache folder."""
    chosen = os.environ.get("FEATUREMILL_CACHE")
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        folder = (
            Path(chosen).expanduser() if chosen else (Path(base) if base else Path.home() / ".cache") / "featuremill"
        )
    except RuntimeError:  # no home folder
        folder = Path(tempfile.gettempdir()) / f"featuremill-{os.getuid()}"
    name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]
    return folder / "lint" / f"{name}.json"


def code_version() -> str:
    """A hash of the code that judges: this package, the version of Python and of sqlglot, pydantic and PyYAML."""
    from importlib.metadata import version

    digest = hashlib.sha256(sys.version.encode())
    for name in ("sqlglot", "pydantic", "PyYAML"):
        digest.update(f"{name} {version(name)}\n".encode())
    package = Path(__file__).resolve().parents[1]
    for path in sorted(path for suffix in ("*.py", "*.json") for path in package.rglob(suffix)):
        digest.update(f"{path.relative_to(package)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _content(folder: Path) -> str:
    digest = hashlib.sha256(os.fsencode(folder.parent.resolve().name))
    for name in FILES:
        try:
            data = read_start(folder / name)
            digest.update(f"{name} {len(data)}\n".encode() + data)
        except FileNotFoundError:
            continue
        except OSError as error:
            digest.update(f"{name} {error.errno}\n".encode())
    return digest.hexdigest()
