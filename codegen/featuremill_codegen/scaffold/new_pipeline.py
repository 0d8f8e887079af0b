"""Makes a new pipeline's folder from the template."""

from __future__ import annotations

import shutil
import tempfile
from importlib import resources
from pathlib import Path

from featuremill_codegen.errors import UsageError
from featuremill_codegen.names import NAME, NAME_RULE, RESERVED_PIPELINES

_FILES = (
    "feature.yaml",
    "source.sql",
    "transform.sql",
    "sample/page_views.jsonl",
    "cases/ten_minutes/page_views.jsonl",
    "cases/ten_minutes/expected.jsonl",
    "cases/late_row/page_views.jsonl",
    "cases/late_row/expected.jsonl",
)


def new_pipeline(root: Path, name: str) -> Path:
    """The folder of the new pipeline `root/name`.

    Raises UsageError for a name that no pipeline may have or that is taken; nothing is changed then.
    """
    folder = Path(root) / name
    if not NAME.fullmatch(name):
        raise UsageError(f"`{name}` can't be a pipeline's name.\nhelp: {NAME_RULE}")
    if name in RESERVED_PIPELINES:
        raise UsageError(f"`{name}` is a name of the platform's own.\nhelp: take another one")
    if folder.exists():
        raise UsageError(f"{folder} is there already.\nhelp: take another name, or edit that pipeline")
    try:
        Path(root).mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=root))
        try:
            _fill(beside, name)
            beside.chmod(0o755)
            beside.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise UsageError(f"{folder} can't be made: {error.strerror or error}.") from None
    return folder


def _fill(folder: Path, name: str) -> None:
    template = resources.files("featuremill_codegen.scaffold").joinpath("template")
    for file in _FILES:
        text = template.joinpath(file).read_text(encoding="utf-8")
        text = text.replace("{{ pipeline }}", name).replace("{{ entity }}", f"{name[:58]}_page")
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
