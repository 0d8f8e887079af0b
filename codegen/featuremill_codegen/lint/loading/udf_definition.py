from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class UdfDefinition(LoadingRule):
    """A Python function that the engine can't call.

    `udf_def.py` is read, not run. Functions are found by `@udf`, each with a `result_type` that is plain to
    see; in a batch that is PySpark's `@udf` with its `returnType`. Table and aggregate functions are not supported
    yet.
    """

    code = "FM122"
    why = "the job would end where it starts: an engine can't call a function whose form it doesn't know"
