"""From a pipeline's folder to a checked, rendered, packaged job. Knows SQL; no JVM, no Flink, no Redis, no network."""

from featuremill_codegen.collection import list_pipelines
from featuremill_codegen.errors import FeaturemillError, Finding, PipelineError, UsageError
from featuremill_codegen.lint import lint
from featuremill_codegen.manifest import ConnectorJar
from featuremill_codegen.package import Package, build_package
from featuremill_codegen.pipeline import Pipeline, load_pipeline
from featuremill_codegen.registry import make_registry
from featuremill_codegen.scaffold import new_pipeline

__all__ = [
    "ConnectorJar",
    "FeaturemillError",
    "Finding",
    "Package",
    "Pipeline",
    "PipelineError",
    "UsageError",
    "build_package",
    "lint",
    "list_pipelines",
    "load_pipeline",
    "make_registry",
    "new_pipeline",
]
