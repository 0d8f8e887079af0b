"""Which files to format: those of pipelines, or those that were named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from featuremill_codegen.collection import list_pipelines
from featuremill_codegen.errors import UsageError
from featuremill_codegen.names import did_you_mean

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
            chosen += _files(_folder(root, each))
    return list(dict.fromkeys(chosen))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file())


def _file(path: Path) -> Path:
    if path.suffix not in SUFFIXES:
        raise UsageError(f"{path} is neither a .sql file (Flink SQL) nor a .hql file (HiveQL).")
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    return path


def _folder(root: Path, name: str) -> Path:
    """A pipeline's folder by its name or its path."""
    known = list_pipelines(root)
    path = Path(name)
    if name in known:
        return root / name
    if path.name in known and path.is_dir() and path.resolve() == (root / path.name).resolve():
        return root / path.name
    help = did_you_mean(name, known)
    raise UsageError(f"There is no pipeline or file `{name}`." + (f"\nhelp: {help}" if help else ""))
