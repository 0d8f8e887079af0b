"""All pipelines of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from featuremill_codegen.errors import Finding, PipelineError, UsageError
from featuremill_codegen.names import no_such
from featuremill_codegen.pipeline import Pipeline, load_pipeline


def list_pipelines(root: Path) -> list[str]:
    """The names of the pipelines in a folder, sorted: its sub-folders with a feature.yaml or SQL in them.

    Raises UsageError where there is no such folder.
    """
    if not root.is_dir():
        raise UsageError(f"There is no folder {root}.")
    files = ("feature.yaml", "source.sql", "transform.sql", "source.hql", "transform.hql")
    folders = (each for each in root.iterdir() if each.is_dir() and each.name[0] not in "._")
    return sorted(each.name for each in folders if any((each / file).exists() for file in files))


def find_pipeline(root: Path, wanted: str) -> Path:
    """The folder of a pipeline in `root`, by its name or by a path of that folder. Raises UsageError for another."""
    known = list_pipelines(root)
    path = Path(wanted)
    by_path = path.name in known and path.is_dir() and path.resolve() == (root / path.name).resolve()
    name = path.name if by_path else wanted
    if name not in known:
        raise no_such("pipeline", wanted, known)
    return root / name


def load_all(root: Path) -> tuple[list[Pipeline], list[Finding]]:
    """Every pipeline that can be loaded, and what is wrong with the others."""
    pipelines: list[Pipeline] = []
    findings: list[Finding] = []
    for name in list_pipelines(root):
        try:
            pipelines.append(load_pipeline(root / name))
        except PipelineError as error:
            findings.extend(error.findings)
    return pipelines, findings


def served(pipelines: Sequence[Pipeline]) -> list[Pipeline]:
    """Those whose features readers get, by name: not a twin (it is only compared), not a history (it fills another's
    past).
    """
    histories = {pipeline.config.bootstrap_from for pipeline in pipelines}
    chosen = (each for each in pipelines if each.config.parity_with is None and each.name not in histories)
    return sorted(chosen, key=lambda pipeline: pipeline.name)
