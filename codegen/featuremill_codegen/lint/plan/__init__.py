"""Rules on what a planner makes of a pipeline. `check` asks the planner and runs them."""

from __future__ import annotations

from featuremill_codegen.lint.plan.foreign_retraction import ForeignRetraction
from featuremill_codegen.lint.plan.nondeterministic_update import NondeterministicUpdate
from featuremill_codegen.lint.plan.rule import PlanRule
from featuremill_codegen.lint.plan.skewed_aggregate import SkewedAggregate
from featuremill_codegen.lint.plan.unbounded import UnboundedOperator
from featuremill_codegen.lint.plan.watermark_lost import WatermarkLost

RULES: tuple[PlanRule, ...] = (
    UnboundedOperator(),
    ForeignRetraction(),
    NondeterministicUpdate(),
    WatermarkLost(),
    SkewedAggregate(),
)
