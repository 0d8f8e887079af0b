"""HiveQL pipelines (batches): read, resolved and checked from their text. Rendering them is not here yet."""

from featuremill_codegen.hive.load import load_batch

__all__ = ["load_batch"]
