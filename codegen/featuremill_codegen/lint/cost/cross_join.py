from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BOTH, Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.subject import Subject


class CrossJoin(Rule):
    """A join without an equality: CROSS JOIN, a comma in FROM, or an ON that compares nothing across.

    Every row of one side meets every row of the other. Flink sends all of it to one task, whatever the parallelism, and
    keeps both sides in state; Spark compares every pair of rows. CROSS JOIN UNNEST, LATERAL and LATERAL VIEW, which
    only unfold a row, are fine.
    """

    code = "FM303"
    why = "the work and the output are the product of both sides, and Flink does all of it in one task"
    modes = BOTH

    def check(self, subject: Subject) -> Iterator[Finding]:
        for statement, select in subject.find(exp.Select):
            where = select.args.get("where")
            for join in select.args.get("joins") or ():
                source = join.this
                if not isinstance(source, exp.Table | exp.Subquery) or source.args.get("version") is not None:
                    continue
                if isinstance(source, exp.Table) and not isinstance(source.this, exp.Identifier):
                    continue
                on = join.args.get("on")
                if join.args.get("using") or str(join.args.get("method") or "").upper() == "NATURAL":
                    continue
                conditions = [each for each in (on, where if on is None else None) if each is not None]
                if any(_equates(each, source.alias_or_name.lower()) for each in conditions):
                    continue
                message = f"Nothing ties the rows of `{source.alias_or_name or 'this query'}` to the others."
                help = "join ON an equality of columns of both sides"
                yield finding_at(statement, self.code, message, source, help=help)


def _equates(condition: exp.Expr, name: str) -> bool:
    """Whether a condition holds an equality between this side and another; without table names, between two columns."""
    for node in condition.find_all(exp.EQ, exp.NullSafeEQ, exp.Is):
        left, right = (
            {each.table.lower() for each in side.find_all(exp.Column)} for side in (node.this, node.expression)
        )
        if not left or not right:
            continue
        if "" in left | right or (name in left) != (name in right):
            return True
    return False
