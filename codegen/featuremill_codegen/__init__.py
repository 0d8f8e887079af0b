"""From a pipeline's folder to a checked, rendered, packaged job. Knows SQL; no JVM, no Flink, no Redis, no network."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from featuremill_codegen.collection import list_pipelines
    from featuremill_codegen.errors import FeaturemillError, Finding, PipelineError, UsageError
    from featuremill_codegen.manifest import ConnectorJar
    from featuremill_codegen.package import Package, build_package
    from featuremill_codegen.pipeline import Pipeline, load_pipeline
    from featuremill_codegen.registry import make_registry
    from featuremill_codegen.scaffold import new_pipeline

# Imported when first asked for: a command pays for what it uses alone.
_HOMES = {
    "ConnectorJar": "manifest",
    "FeaturemillError": "errors",
    "Finding": "errors",
    "Package": "package",
    "Pipeline": "pipeline",
    "PipelineError": "errors",
    "UsageError": "errors",
    "build_package": "package",
    "list_pipelines": "collection",
    "load_pipeline": "pipeline",
    "make_registry": "registry",
    "new_pipeline": "scaffold",
}

__all__ = [
    "ConnectorJar",
    "FeaturemillError",
    "Finding",
    "Package",
    "Pipeline",
    "PipelineError",
    "UsageError",
    "build_package",
    "list_pipelines",
    "load_pipeline",
    "make_registry",
    "new_pipeline",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
