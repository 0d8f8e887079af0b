"""feature_sets.yaml: fixtures/feature_sets.yaml has documents, and what is made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from featuremill_codegen.errors import PipelineError
from featuremill_codegen.feature_sets import load_feature_sets
from featuremill_codegen.lint import lint
from featuremill_codegen.registry import make_registry
from featuremill_codegen.scaffold import new_pipeline

CASES = yaml.safe_load((Path(__file__).parent / "fixtures" / "feature_sets.yaml").read_text(encoding="utf-8"))
SCHEMA = Path(__file__).parents[2] / "proto" / "registry.schema.json"
FEATURES = {"airport": ["a", "b"], "user": ["c"]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_documents(tmp_path: Path, case: dict[str, Any]) -> None:
    (tmp_path / "feature_sets.yaml").write_text(case["file"], encoding="utf-8")
    if "sets" in case:
        sets = load_feature_sets(tmp_path, FEATURES)
        assert sets == case["sets"]
        assert list(sets) == sorted(sets)
        return
    with pytest.raises(PipelineError) as caught:
        load_feature_sets(tmp_path, FEATURES)
    assert sorted(finding.message for finding in caught.value.findings) == sorted(case["says"])


def test_no_file_is_no_set(tmp_path: Path) -> None:
    assert load_feature_sets(tmp_path, FEATURES) == {}


def test_where_not_all_features_are_known_no_name_is_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "feature_sets.yaml"
    path.write_text("s: {entity: harbour, features: [depth]}", encoding="utf-8")
    assert load_feature_sets(tmp_path, None)["s"]["features"] == ["depth"]
    path.write_text("s: {entity: harbour, features: [depth, depth]}", encoding="utf-8")
    with pytest.raises(PipelineError) as caught:
        load_feature_sets(tmp_path, None)
    assert [finding.message for finding in caught.value.findings] == ["`depth` stands here a second time."]


def test_lint_says_at_which_place(demo: Path) -> None:
    text = (
        "good: {entity: demo_page, features: [views_10min]}\nbad:\n  entity: demo_page\n  features:\n  - views_1min\n"
    )
    (demo.parent / "feature_sets.yaml").write_text(text, encoding="utf-8")
    [finding] = lint(demo.parent)
    assert finding.render().splitlines()[0] == (
        "pipelines/feature_sets.yaml:5:5: FM132 The entity has no feature `views_1min`."
    )
    assert finding.help == "did you mean `views_10min`?"


def test_lint_of_a_pipeline_tells_what_its_sets_lack(demo: Path) -> None:
    new_pipeline(demo.parent, "other")
    text = "a: {entity: demo_page, features: [x]}\nb: {entity: nobody, features: [x]}"
    (demo.parent / "feature_sets.yaml").write_text(text, encoding="utf-8")
    assert [finding.line for finding in lint(demo.parent)] == [1, 2]
    assert [finding.line for finding in lint(demo.parent, ["demo"])] == [1]
    assert lint(demo.parent, ["other"]) == []


def test_a_name_may_be_in_a_pipeline_that_cant_be_loaded(demo: Path) -> None:
    (demo.parent / "feature_sets.yaml").write_text("a: {entity: harbour, features: [x]}", encoding="utf-8")
    broken = new_pipeline(demo.parent, "other") / "transform.sql"
    broken.write_text("SELEC", encoding="utf-8")
    assert {finding.path for finding in lint(demo.parent)} == {"pipelines/other/transform.sql"}


def test_they_stand_in_the_registry(demo: Path) -> None:
    text = "views_model: {entity: demo_page, features: [views_10min]}"
    (demo.parent / "feature_sets.yaml").write_text(text, encoding="utf-8")
    registry = make_registry(demo.parent)
    jsonschema.validate(registry, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert registry["feature_sets"] == {
        "views_model": {"entity": "demo_page", "features": ["views_10min"], "description": None}
    }
