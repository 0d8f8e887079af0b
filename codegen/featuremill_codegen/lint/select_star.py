from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.pipeline import Pipeline


class SelectStar(Rule):
    """`*` in the query or at the top of a view.

    A column that is added to the source becomes a feature, and changes the state of the running job. (`*` inside a
    subquery is fine where the query around it names its columns.)
    """

    code = "FM401"

    def check(self, pipeline: Pipeline) -> Iterator[Finding]:
        for statement in pipeline.statements:
            tree = statement.tree.expression if isinstance(statement.tree, exp.Create) else statement.tree
            selects = [tree.left, tree.right] if isinstance(tree, exp.SetOperation) else [tree]
            for select in selects:
                for projection in select.expressions if isinstance(select, exp.Select) else ():
                    if projection.is_star:
                        message = "`*` takes every column, those of tomorrow too."
                        yield statement.finding(self.code, message, projection, help="name the columns")
