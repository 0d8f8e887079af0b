"""Which files to format: those of pipelines, or those that were named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from featuremill_codegen.collection import find_pipeline, list_pipelines
from featuremill_codegen.errors import UsageError

SUFFIXES = (".sql", ".hql")


def select(root: Path, wanted: Sequence[str]) -> list[Path]:
    """The SQL files of all pipelines in `root`, or of the pipelines and the files that are `wanted`, each once.

    Raises UsageError for what is neither a pipeline nor a file with SQL.
    """
    if not wanted:
        return [file for name in list_pipelines(root) for file in _files(root / name)]
    chosen: list[Path] = []
    for each in wanted:
        path = Path(each)
        if path.suffix in SUFFIXES or path.is_file():
            chosen.append(_file(path))
        else:
            chosen += _files(find_pipeline(root, each))
    return list(dict.fromkeys(chosen))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file())


def refuse_other_suffixes(path: Path) -> None:
    """Raise UsageError for a file whose name doesn't tell which SQL it holds."""
    if path.suffix not in SUFFIXES:
        raise UsageError(f"{path} is neither a .sql file (Flink SQL) nor a .hql file (HiveQL).")


def _file(path: Path) -> Path:
    refuse_other_suffixes(path)
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    return path
