"""Which pipelines have changed is told by the content of their files."""

from __future__ import annotations

from pathlib import Path

import pytest
from featuremill_local.check.watching import Watched


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        (tmp_path / name / "cases").mkdir(parents=True)
        (tmp_path / name / "transform.sql").write_text("SELECT 1")
    return tmp_path


def test_what_changes_is_told_once(root: Path) -> None:
    watched = Watched(root)
    assert watched.changed(["one", "two"]) == ["one", "two"]
    assert watched.changed(["one", "two"]) == []
    (root / "two" / "transform.sql").write_text("SELECT 2, 3")
    assert watched.changed(["one", "two"]) == ["two"]
    assert watched.changed(["one", "two"]) == []


def test_a_file_that_comes_or_goes_is_a_change(root: Path) -> None:
    watched = Watched(root)
    watched.changed(["one"])
    (root / "one" / "udf_def.py").write_text("")
    assert watched.changed(["one"]) == ["one"]
    (root / "one" / "udf_def.py").unlink()
    assert watched.changed(["one"]) == ["one"]


def test_saving_a_file_as_it_was_is_none_and_cases_do_not_count(root: Path) -> None:
    watched = Watched(root)
    watched.changed(["one"])
    (root / "one" / "transform.sql").write_text("SELECT 1")
    (root / "one" / "cases" / "expected.jsonl").write_text("{}")
    assert watched.changed(["one"]) == []
