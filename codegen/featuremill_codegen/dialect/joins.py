"""Joins stand one behind the other: `a JOIN b ON … JOIN c ON …`.

sqlglot also reads `a JOIN b JOIN c ON … ON …`, which Flink doesn't have. It looks ahead for that wherever a join has no
condition, at each join anew, which takes twice as long for every further one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp


class JoinsParser:
    """Parser part: no join looks ahead for others that belong into it."""

    def _parse_join(
        self, skip_join_token: bool = False, parse_bracket: bool = False, alias_tokens: Any = None
    ) -> exp.Expr | None:
        this: Any = self
        tokens = alias_tokens or this.TABLE_ALIAS_TOKENS
        join: exp.Expr | None = super()._parse_join(skip_join_token, parse_bracket, tokens)  # type: ignore[misc]
        return join

    def _parse_joins(self, alias_tokens: Any = None) -> Iterator[exp.Expr]:
        """Only a join asks with the words that an alias may be: all others take what is usual."""
        if alias_tokens is not None:
            return iter(())
        joins: Iterator[exp.Expr] = super()._parse_joins()  # type: ignore[misc]
        return joins
