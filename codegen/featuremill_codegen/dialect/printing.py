"""What sqlglot prints otherwise than Flink reads it, or than it was written."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

_WITH_NOT_INSIDE = (exp.In, exp.Between, exp.Like, exp.ILike, exp.RegexpLike, exp.SimilarTo, exp.Escape)


def _not(self: Any, node: exp.Not) -> str:
    """`a NOT IN (…)` binds tighter than `NOT a IN (…)`, and is how people write it; so is `a IS NOT NULL`."""
    inner = node.this
    if isinstance(inner, exp.Is):
        left = self.sql(inner, "this")
        return f"{left} IS NOT {self.sql(inner, 'expression')}"
    if isinstance(inner, _WITH_NOT_INSIDE):
        subject = inner.this.this if isinstance(inner, exp.Escape) else inner.this
        left, whole = self.sql(subject), self.sql(inner)
        if whole.startswith(f"{left} "):
            return f"{left} NOT{whole[len(left) :]}"
    return f"NOT {self.sql(inner)}"


def _frame(self: Any, node: exp.WindowSpec) -> str:
    """`ROWS UNBOUNDED PRECEDING` stays without its `AND CURRENT ROW`."""

    def bound(name: str) -> str:
        return f"{self.sql(node, name)} {self.sql(node, f'{name}_side')}".strip()

    start, end = bound("start"), bound("end")
    frame = f"BETWEEN {start} AND {end}" if end else start
    return f"{self.sql(node, 'kind')} {frame}"


class PrintingGenerator:
    """Generator part."""

    INSERT_OVERWRITE = " OVERWRITE"

    def values_sql(self, expression: exp.Values, values_as_table: bool = True) -> str:
        sql: str = super().values_sql(expression, values_as_table)  # type: ignore[misc]
        if isinstance(expression.parent, exp.Join) and not expression.args.get("alias"):
            return f"({sql})"
        return sql


PRINTING_TRANSFORMS = {exp.Not: _not, exp.WindowSpec: _frame}
