"""Notices which pipelines' files have changed, by their content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

FILES = ("feature.yaml", "source.sql", "transform.sql", "source.hql", "transform.hql", "udf_def.py", "requirements.txt")


class Watched:
    """The files of pipelines, as they were when they were last looked at."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[str, tuple[str, ...]] = {}
        self._stamps: dict[str, tuple[tuple[int, int], ...]] = {}

    def changed(self, names: Sequence[str]) -> list[str]:
        """Those of the pipelines whose files are not as they were at the last call; all of them at the first one."""
        return [name for name in names if self._has_changed(name)]

    def _has_changed(self, name: str) -> bool:
        paths = list(self._paths(name))
        stamps = tuple((stat.st_mtime_ns, stat.st_size) for path in paths if (stat := _stat(path)) is not None)
        if self._stamps.get(name) == stamps and len(stamps) == len(paths):
            return False
        self._stamps[name] = stamps
        # an editor that saves a file as it was has changed nothing
        content = tuple(_digest(path) for path in paths)
        before, self._seen[name] = self._seen.get(name), content
        return before != content

    def _paths(self, name: str) -> Iterator[Path]:
        for file in FILES:
            path = self._root / name / file
            if path.exists():
                yield path


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _digest(path: Path) -> str:
    """The file's name and content; of one that is gone in this moment, its name alone."""
    try:
        return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    except OSError:
        return path.name
