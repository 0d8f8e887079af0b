"""Which pipelines of a folder are twins, before any of them is loaded."""

from __future__ import annotations

import re
from pathlib import Path

from featuremill_codegen.pipeline import Pipeline, load_pipeline

_PARITY_WITH = re.compile(r"^parity_with:\s*[\"']?([a-z][a-z0-9_]*)", re.MULTILINE)


def twins_named(folder: Path) -> dict[str, str]:
    """The names of the pipelines in `folder` that have a `parity_with`, and what it names."""
    found = {}
    for path in sorted(folder.glob("*/feature.yaml")):
        named = _PARITY_WITH.search(path.read_text(encoding="utf-8", errors="replace"))
        if named is not None:
            found[path.parent.name] = named[1]
    return found


def batch_twin_of(pipeline: Pipeline) -> Pipeline | None:
    """The batch that a stream is compared with, whichever of the two names the other. Raises PipelineError."""
    folder = pipeline.folder.parent
    for pair in twins_named(folder).items():
        for name in pair:
            if pipeline.name in pair and name != pipeline.name and (folder / name / "transform.hql").exists():
                return load_pipeline(folder / name)
    return None
