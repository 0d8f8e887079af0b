from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class Syntax(LoadingRule):
    """SQL that is not Flink SQL, or in a batch not HiveQL.

    The finding stands where the statement stops making sense; the mistake may be one word before it. Names are
    quoted by backticks and texts by single quotes. `--fix` puts backticks around a reserved word where
    that alone makes the statement right.
    """

    code = "FM101"
    fixable = True
    why = "the engine would refuse the job at its start, on the cluster instead of here"
