"""Which pipelines `nox -s cases` runs."""

from __future__ import annotations

import pytest
from featuremill_codegen.errors import UsageError
from featuremill_local.cases.command import Options, pipelines_with_cases, run_cases
from featuremill_local.places import PIPELINES
from rich.console import Console


def test_batches_are_told_apart(tmp_path):
    for name, files in {
        "stream": ["feature.yaml", "transform.sql", "cases"],
        "batch": ["feature.yaml", "transform.hql", "cases"],
        "without": ["feature.yaml", "transform.sql"],
        "folder": ["cases"],
    }.items():
        for file in files:
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / file).mkdir() if file == "cases" else (tmp_path / name / file).touch()
    assert pipelines_with_cases(tmp_path) == (["stream"], ["batch"])


def test_a_batch_that_is_named_is_refused():
    with pytest.raises(UsageError, match="carrier_daily_quality is a batch: its golden cases can't be run yet"):
        run_cases(["carrier_daily_quality"], Options(pipelines=PIPELINES), Console())
