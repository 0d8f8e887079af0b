from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.plan.places import finding_of
from featuremill_codegen.lint.plan.planned import Planned
from featuremill_codegen.lint.plan.rule import PlanRule


class UnboundedOperator(PlanRule):
    """An operator that never drops its state.

    Lint's FM205 knows the clauses that usually do so; this is the planner's own word on what it made of them: a GROUP
    BY over half a window is no window, a join whose bounds aren't on time attributes is a regular one. A state that a
    STATE_TTL hint keeps for ever beside a time to live is on purpose, and no finding.
    """

    code = "FM611"
    why = (
        "checkpoints grow with every key ever seen, until they take longer than their interval and the job stops moving"
    )

    def check(self, planned: Planned) -> Iterator[Finding]:
        help = "feature.yaml: `flink: {table.exec.state.ttl: 2 d}`, longer than any row matters; or use a window"
        for operator in planned.operators:
            if not operator.is_unbounded or any(state.ttl_ms is not None for state in operator.states):
                continue
            kept = "; ".join(dict.fromkeys(state.entry for state in operator.states))
            message = f"The planner's {operator.kind} keeps its state for ever: {kept}."
            yield finding_of(planned, operator, self.code, message, help)
