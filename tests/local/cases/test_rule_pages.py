"""The pages of the rules of golden cases show what reading the bad example says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from featuremill_codegen.errors import PipelineError
from featuremill_codegen.lint.pages import PIPELINE, examples, keep_said, said, write_example
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.cases.parity import twins_of
from featuremill_local.cases.reading import Case, read_cases

CODES = ("FM601", "FM602", "FM603", "FM604", "FM605", "FM640", "FM641")


def read(root: Path) -> list[Case]:
    """What is read before anything runs."""
    pipeline = load_pipeline(root / PIPELINE)
    twins_of([pipeline], root)
    return read_cases(pipeline)


@pytest.mark.parametrize("code", CODES)
def test_page_shows_what_is_said_of_the_bad_example(code: str, tmp_path: Path) -> None:
    bad, good = examples(code)
    write_example(bad, tmp_path / "pipelines")
    with pytest.raises(PipelineError) as error:
        read(tmp_path / "pipelines")
    assert {each.code for each in error.value.findings} == {code}
    if os.environ.get("UPDATE_EXPECTED") == "1":
        keep_said(code, f"test-{PIPELINE}", str(error.value))
    assert said(code) == (f"test-{PIPELINE}", f"{error.value}\n")

    write_example(good, tmp_path / "good" / "pipelines")
    assert len(read(tmp_path / "good" / "pipelines")) == (1 if "cases/one_view/expected.jsonl" in good else 0)
