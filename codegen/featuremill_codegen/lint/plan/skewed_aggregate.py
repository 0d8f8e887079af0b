from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.plan.places import finding_of
from featuremill_codegen.lint.plan.planned import Operator, Planned
from featuremill_codegen.lint.plan.rule import PlanRule


class SkewedAggregate(PlanRule):
    """An aggregate that few tasks carry.

    An aggregate without a key runs in one task, and one whose key is coarser than the entity's in as many as it has
    values: a country with half of the traffic is one task with half of the work. Flink can put rows together before
    they are sent to that task (two phases), where small batches are allowed.
    """

    code = "FM615"
    why = "one task is busy all the time while the others wait, and no parallelism helps"

    def check(self, planned: Planned) -> Iterator[Finding]:
        if planned.pipeline.config.flink.get("table.exec.mini-batch.enabled", "").strip().lower() == "true":
            return
        help = (
            "feature.yaml: `flink: {table.exec.mini-batch.enabled: true, table.exec.mini-batch.allow-latency: 1 s, "
            "table.exec.mini-batch.size: 5000}`"
        )
        for operator in planned.operators:
            if operator.kind == "GroupAggregate" and not _is_spread(planned, operator):
                by = f"by {', '.join(operator.keys)} alone" if operator.keys else "without a key"
                message = f"This aggregate is distributed {by}: each row goes to its task one by one."
                yield finding_of(planned, operator, self.code, message, help)


def _is_spread(planned: Planned, operator: Operator) -> bool:
    """Whether a key of the aggregate is one of the entity's, under its own name or that of the column it comes from."""
    names: set[str] = set(planned.pipeline.config.entity.keys)
    for key in planned.pipeline.config.entity.keys:
        names |= {source.rpartition(".")[2] for source in planned.pipeline.lineage[key].sources}
    return bool(names & set(operator.keys))
