from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BOTH, Rule
from featuremill_codegen.lint.subject import Subject


class SelectStar(Rule):
    """`*` in the query or at the top of a view.

    A column that is added to the source becomes a feature, and changes the state of a running job. (`*` inside a
    subquery is fine where the query around it names its columns.)
    """

    code = "FM401"
    why = "a column that somebody adds to the source changes the features, and a job's state no longer fits"
    modes = BOTH

    def check(self, subject: Subject) -> Iterator[Finding]:
        for statement in subject.statements:
            tree = statement.tree.expression if isinstance(statement.tree, exp.Create) else statement.tree
            for select in _selects(tree):
                for projection in select.expressions:
                    if projection.is_star:
                        message = "`*` takes every column, those of tomorrow too."
                        yield statement.finding(self.code, message, projection, help="name the columns")


def _selects(tree: exp.Expr | None) -> Iterator[exp.Select]:
    """The SELECTs whose columns come out of a query."""
    waiting = [tree]
    while waiting:
        tree = waiting.pop()
        if isinstance(tree, exp.SetOperation):
            waiting += [tree.right, tree.left]
        elif isinstance(tree, exp.Subquery):
            waiting.append(tree.this)
        elif isinstance(tree, exp.Select):
            yield tree
