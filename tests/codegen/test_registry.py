"""registry.json: what readers know."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
from featuremill_codegen import ConnectorJar, build_package, make_registry

SCHEMA = Path(__file__).parents[2] / "proto" / "registry.schema.json"


def test_registry(fixtures: Path, tmp_path: Path, connector: ConnectorJar) -> None:
    registry = make_registry(fixtures / "pipelines", connector)
    jsonschema.validate(registry, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert registry["format"] == 1
    assert registry["feature_sets"] == {}
    assert list(registry["entities"]) == ["aircraft", "airport"]
    airport = registry["entities"]["airport"]
    assert airport["keys"] == ["airport"]
    assert airport["features"]["mean_departure_delay_1h"] == {
        "pipeline": "airport_departure_delay",
        "type": "DOUBLE",
        "max_age_ms": 7_200_000,
        "default": None,
        "unit": "min",
        "description": "Mean delay of those flights (negative where they left early)",
    }
    package = build_package(fixtures / "pipelines" / "airport_departure_delay", tmp_path, connector)
    assert registry["pipelines"]["airport_departure_delay"] == {
        "version": package.version,
        "owner": "ops-analytics",
        "ttl_ms": 604_800_000,
    }


def test_default_is_wire_text(demo: Path) -> None:
    registry = make_registry(demo.parent)
    assert registry["entities"]["demo_page"]["features"]["views_10min"]["default"] == "0"
    jsonschema.validate(registry, json.loads(SCHEMA.read_text(encoding="utf-8")))
