"""`new`: a pipeline from a template that passes every check, with a sample."""

from featuremill_codegen.scaffold.new_pipeline import new_pipeline

__all__ = ["new_pipeline"]
