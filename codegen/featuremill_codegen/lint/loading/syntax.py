from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class Syntax(LoadingRule):
    """SQL that is not Flink SQL.

    The finding stands where the statement stops making sense; the mistake may be one word before it. Names are
    quoted by backticks and texts by single quotes.
    """

    code = "FM101"
    why = "Flink's planner would refuse the job at its start, on the cluster instead of here"
