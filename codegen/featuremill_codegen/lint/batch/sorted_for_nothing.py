from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BATCH, Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.subject import Subject


class SortedForNothing(Rule):
    """ORDER BY, SORT BY or CLUSTER BY around a whole query or view.

    Features are found by their key: nobody reads them in an order. ORDER BY also brings all rows through one shuffle by
    range. (With a LIMIT it chooses rows, and within a window it is something else.)
    """

    code = "FM305"
    why = "the whole answer is shuffled and sorted on every run, and the order is gone where it is written"
    modes = BATCH

    def check(self, subject: Subject) -> Iterator[Finding]:
        for statement in subject.statements:
            tree = statement.tree.expression if isinstance(statement.tree, exp.Create) else statement.tree
            if not isinstance(tree, exp.Query) or tree.args.get("limit") is not None:
                continue
            for clause, words in (("order", "ORDER BY"), ("sort", "SORT BY"), ("cluster", "CLUSTER BY")):
                found = tree.args.get(clause)
                if found is not None:
                    message = f"{words} sorts all rows, and nobody reads them in that order."
                    yield finding_at(statement, self.code, message, found, help="take it out")
