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
from featuremill_codegen.registry import make_registry

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


def test_they_stand_in_the_registry(demo: Path) -> None:
    text = "views_model: {entity: demo_page, features: [views_10min]}"
    (demo.parent / "feature_sets.yaml").write_text(text, encoding="utf-8")
    registry = make_registry(demo.parent)
    jsonschema.validate(registry, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert registry["feature_sets"] == {
        "views_model": {"entity": "demo_page", "features": ["views_10min"], "description": None}
    }
