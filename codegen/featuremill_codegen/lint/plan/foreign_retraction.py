from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.contract import EVENT_TIME
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.plan.planned import Planned
from featuremill_codegen.lint.plan.rule import PlanRule
from featuremill_codegen.lint.spans import finding_at


class ForeignRetraction(PlanRule):
    """A row that is taken back with another row's values.

    A query that updates its answer takes the old row back, which removes the features of its entity. That is right
    where the rows are one for each entity. Where they are told apart by more (the upsert key is not within the entity's
    key columns), two rows share an entity, and the end of one removes what the other wrote. Only where event time alone
    tells them apart does the newer one win.

    The planner knows keys from GROUP BY, ROW_NUMBER = 1 and equal joins, and loses them behind an expression or an
    IS NOT DISTINCT FROM. Where you know better, say so in a silence.
    """

    code = "FM612"
    why = "a reader finds a feature missing although its value never ceased to be true"

    def check(self, planned: Planned) -> Iterator[Finding]:
        if planned.upsert_keys is None:
            return
        entity = planned.pipeline.config.entity
        if any(set(keys) <= {*entity.keys, EVENT_TIME} for keys in planned.upsert_keys):
            return
        told = " or ".join(f"({', '.join(keys)})" for keys in planned.upsert_keys)
        by = f"tells its rows apart by {told}" if told else "the planner knows no key of its rows"
        message = f"This query takes rows back, and {by}; its entity is `{', '.join(entity.keys)}`."
        help = f"make it one row for each {entity.name}: GROUP BY its key, or ROW_NUMBER() … = 1 as the last step"
        query = planned.pipeline.query
        yield finding_at(query, self.code, message, _key_column(planned), help=help)


def _key_column(planned: Planned) -> exp.Expr | tuple[int, int] | None:
    """The entity's key in the query's outermost SELECT."""
    tree = planned.pipeline.query.tree
    select = tree if isinstance(tree, exp.Select) else tree.find(exp.Select)
    columns: list[exp.Expr] = select.expressions if select is not None else []
    for column in columns:
        if column.alias_or_name in planned.pipeline.config.entity.keys:
            return column
    return None
