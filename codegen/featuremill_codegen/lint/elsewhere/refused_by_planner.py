from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class RefusedByPlanner(LoadingRule):
    """What the planner refuses.

    The engine's own parser and planner (a stream's Flink, a batch's Spark) were asked, and said no. The finding stands
    where the engine says; where it names no place, at the statement, the table or the option that it speaks of.
    """

    code = "FM606"
    why = "the job would end at its start, on the cluster instead of here"
