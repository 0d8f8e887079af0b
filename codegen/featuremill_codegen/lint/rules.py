"""All rules, and their codes."""

from __future__ import annotations

from featuremill_codegen.lint import (
    batch,
    contract,
    cost,
    elsewhere,
    loading,
    plan,
    security,
    streaming,
    style,
    together,
)
from featuremill_codegen.lint.rule import CrossRule, Documented, Rule

RULES: tuple[Rule, ...] = (
    *contract.RULES,
    *streaming.RULES,
    *batch.RULES,
    *cost.RULES,
    *style.RULES,
    *security.RULES,
)
"""Those that look at one pipeline."""
CROSS_RULES: tuple[CrossRule, ...] = together.RULES
"""Those that look at all pipelines together."""

_ELSEWHERE: list[type[Documented]] = [*elsewhere.RULES, *map(type, plan.RULES)]
_ALL: list[type[Documented]] = [
    *loading.RULES,
    *style.OF_SILENCES,
    *map(type, RULES),
    *map(type, CROSS_RULES),
    *_ELSEWHERE,
]
BY_CODE: dict[str, type[Documented]] = {rule.code: rule for rule in sorted(_ALL, key=lambda rule: rule.code)}
"""Every rule by its code, in order; those that loading, the silences themselves and other commands bring among them."""

ELSEWHERE = frozenset(rule.code for rule in _ELSEWHERE)
"""The codes that lint never finds, since another command does."""

SILENCEABLE = frozenset(code for code, rule in BY_CODE.items() if rule.can_be_silenced)
"""The codes that a silence may name."""
