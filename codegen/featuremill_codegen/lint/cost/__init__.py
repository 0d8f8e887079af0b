"""Rules about what a pipeline costs: state, network, memory of Redis. (FM301 looks at all pipelines: `together/`.)"""

from __future__ import annotations

from featuremill_codegen.lint.cost.cross_join import CrossJoin
from featuremill_codegen.lint.cost.long_value import LongValue
from featuremill_codegen.lint.rule import Rule

RULES: tuple[Rule, ...] = (LongValue(), CrossJoin())
