"""registry.json: what readers know of all pipelines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from featuremill_codegen.collection import load_all, served
from featuremill_codegen.errors import PipelineError
from featuremill_codegen.feature_sets import load_feature_sets
from featuremill_codegen.lint.runner import check_together
from featuremill_codegen.manifest import ConnectorJar, manifest_without_version
from featuremill_codegen.package import package_files, package_version
from featuremill_codegen.pipeline import Pipeline

FORMAT = 1


def make_registry(pipelines_root: Path, connector: ConnectorJar | None = None) -> dict[str, Any]:
    """The registry (proto/registry.schema.json) of all pipelines in a folder.

    With `connector` each pipeline's version is that of its package built with this jar; without, that of its package
    before a jar is pinned. Raises PipelineError where a pipeline can't be loaded, two of them contradict each other, or
    feature_sets.yaml has mistakes.
    """
    pipelines, findings = load_all(Path(pipelines_root))
    findings += check_together(pipelines)
    if findings:
        raise PipelineError(findings)
    registry = registry_of(pipelines, connector)
    features = {name: entity["features"] for name, entity in registry["entities"].items()}
    return registry | {"feature_sets": load_feature_sets(Path(pipelines_root), features)}


def registry_of(pipelines: Sequence[Pipeline], connector: ConnectorJar | None) -> dict[str, Any]:
    """The registry of loaded pipelines that don't contradict each other, without feature sets."""
    entities: dict[str, Any] = {}
    for pipeline in served(pipelines):
        entity = pipeline.config.entity
        known = entities.setdefault(entity.name, {"keys": list(entity.keys), "features": {}})
        for feature in pipeline.features:
            known["features"][feature.name] = {
                "pipeline": pipeline.name,
                "type": str(feature.type),
                "max_age_ms": pipeline.config.max_age,
                "default": feature.default,
                "unit": feature.unit,
                "description": feature.description,
            }
    return {
        "format": FORMAT,
        "entities": {name: entities[name] for name in sorted(entities)},
        "pipelines": {
            pipeline.name: {
                "version": _version(pipeline, connector),
                "owner": pipeline.config.owner,
                "ttl_ms": pipeline.config.ttl,
            }
            for pipeline in served(pipelines)
        },
        "feature_sets": {},
    }


def _version(pipeline: Pipeline, connector: ConnectorJar | None) -> str:
    return package_version(manifest_without_version(pipeline, connector), package_files(pipeline))
