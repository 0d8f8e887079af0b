"""Each code's bad example is found by Flink's own planner, and its good one is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from featuremill_codegen.lint.pages import PIPELINE, examples, keep_said, said, write_example
from featuremill_local.check.checking import Checked, check_pipeline
from featuremill_local.check.engines import FlinkEngine

pytestmark = pytest.mark.jvm

CODES = ("FM606", "FM607", "FM608", "FM611", "FM612", "FM613", "FM614", "FM615")


def check_example(files: dict[str, str], root: Path, engine: FlinkEngine) -> Checked:
    write_example(files, root / "pipelines")
    return check_pipeline(root / "pipelines" / PIPELINE, engine)


@pytest.mark.parametrize("code", CODES)
def test_fires_on_the_bad_example_alone(code: str, tmp_path: Path, engine: FlinkEngine) -> None:
    bad, good = examples(code)
    found = check_example(bad, tmp_path / "bad", engine).findings
    assert {each.code for each in found} == {code}
    shown = "\n\n".join(each.render() for each in found)
    if os.environ.get("UPDATE_EXPECTED") == "1":
        keep_said(code, "check", shown)
    assert said(code) == ("check", f"{shown}\n")

    fine = check_example(good, tmp_path / "good", engine)
    assert fine.findings == ()
    assert fine.planned is not None
