"""All rules, and their codes."""

from __future__ import annotations

from featuremill_codegen.lint import batch, contract, cost, loading, security, streaming, style, together
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

BY_CODE: dict[str, type[Documented]] = {
    rule.code: rule
    for rule in sorted(
        [*loading.RULES, *style.OF_SILENCES, *(type(rule) for rule in (*RULES, *CROSS_RULES))],
        key=lambda rule: rule.code,
    )
}
"""Every rule by its code, in order; those that loading and the silences themselves bring among them."""

SILENCEABLE = frozenset(code for code, rule in BY_CODE.items() if rule.can_be_silenced)
"""The codes that a silence may name."""
