"""`nox -s lineage`: where features come from, and what hangs on a source column."""

from featuremill_codegen.lineage.command import add_arguments, run

__all__ = ["add_arguments", "run"]
