"""Which pipelines `nox -s cases` runs, and on what."""

from __future__ import annotations

from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.cases.command import pipelines_with_cases
from featuremill_local.cases.engines import kinds_of
from featuremill_local.places import PIPELINES


def test_a_folder_with_cases_is_a_pipeline_with_cases(tmp_path):
    for name, files in {
        "stream": ["feature.yaml", "transform.sql", "cases"],
        "batch": ["feature.yaml", "transform.hql", "cases"],
        "without": ["feature.yaml", "transform.sql"],
        "folder": ["cases"],
    }.items():
        for file in files:
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / file).mkdir() if file == "cases" else (tmp_path / name / file).touch()
    assert pipelines_with_cases(tmp_path) == ["batch", "stream"]


def test_each_kind_has_its_engine_and_no_other_is_started():
    batch, stream = (load_pipeline(PIPELINES / name) for name in ("carrier_daily_quality", "aircraft_rotation"))
    assert [kind.name for kind in kinds_of([batch, batch])] == ["Spark"]
    assert [kind.name for kind in kinds_of([batch, stream])] == ["Flink", "Spark"]
