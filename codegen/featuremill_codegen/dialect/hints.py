"""Hints behind a table: `t /*+ OPTIONS('k' = 'v') */ AS alias`. (Those behind SELECT sqlglot knows itself.)"""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType


class TableHintsParser:
    """Parser part: reads a hint that follows a table's name.

    sqlglot asks for a read table's hints after its alias, so one that is read before waits until then.
    """

    _waiting_hints: list[exp.Expr] | None = None

    def _parse_table_parts(self, *args: Any, **kwargs: Any) -> exp.Expr | None:
        this: Any = self
        table: exp.Expr | None = super()._parse_table_parts(*args, **kwargs)  # type: ignore[misc]
        if table is not None and not kwargs.get("fast") and this._match(TokenType.HINT, advance=False):
            hints = [this._parse_hint()]
            if kwargs.get("schema"):
                table.set("hints", hints)
            else:
                self._waiting_hints = hints
        return table

    def _parse_table_hints(self) -> list[exp.Expr] | None:
        hints, self._waiting_hints = self._waiting_hints, None
        return hints


class TableHintsGenerator:
    """Generator part: prints the hint between the table's name and its alias."""

    TABLE_HINTS = False

    def table_parts(self, expression: exp.Table) -> str:
        name: str = super().table_parts(expression)  # type: ignore[misc]
        hints = self.expressions(expression, key="hints", sep=" ")  # type: ignore[attr-defined]
        return f"{name} {hints.strip()}" if hints else name
