from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class OtherType(LoadingRule):
    """A type that lint and Flink see differently.

    Lint derives the types of features by Flink's rules, without Flink. Where the planner says something else, readers
    would be told a type that values don't have. A CAST in the outer query ends the doubt. Report
    it, too: lint is wrong.
    """

    code = "FM607"
    why = "readers parse values by the type that the registry names"
