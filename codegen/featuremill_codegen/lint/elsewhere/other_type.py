from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class OtherType(LoadingRule):
    """A type that lint and the planner see differently.

    Lint derives the types of features by the rules of Flink or, in a batch, of Spark, without asking them. Where the
    planner says something else, readers would be told a type that values don't have. A CAST in the outer query ends the
    doubt. Report it, too: lint is wrong.
    """

    code = "FM607"
    why = "readers parse values by the type that the registry names"
