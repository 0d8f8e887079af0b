"""Every mistake gets one clear message: fixtures/bad holds files of a pipeline, and the findings as a terminal shows
them.

A case is a text: `=== <file>` and the file's lines (or `=== <file> missing`), and at last `=== expected` and what lint
prints.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from featuremill_codegen.lint import lint

CASES = sorted((Path(__file__).parent / "fixtures" / "bad").glob("*.txt"))


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_findings(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    parts = re.split(r"^=== (.+)\n", text, flags=re.MULTILINE)[1:]
    files = dict(zip(parts[::2], parts[1::2], strict=True))
    expected = files.pop("expected")
    folder = tmp_path / "pipelines" / "demo"
    folder.mkdir(parents=True)
    for name, content in files.items():
        if not name.endswith(" missing"):
            (folder / name).write_text(content, encoding="utf-8")
    found = "\n\n".join(finding.render() for finding in lint(tmp_path / "pipelines")) + "\n"
    if os.environ.get("UPDATE_EXPECTED") == "1":
        path.write_text(text.removesuffix(expected) + found, encoding="utf-8")
        expected = found
    assert found == expected
