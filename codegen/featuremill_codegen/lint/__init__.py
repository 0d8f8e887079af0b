"""Lint: what can be said of pipelines from their text alone. One rule a file; `rules.py` lists them."""

from featuremill_codegen.lint.runner import lint

__all__ = ["lint"]
