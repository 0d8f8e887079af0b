"""`WATERMARK FOR column AS expression` among the columns of CREATE TABLE."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType


def _watermark(self: Any) -> exp.Expr:
    if not self._match(TokenType.FOR):
        self.raise_error("Expected FOR after WATERMARK")
    column = self._parse_column()
    if not self._match(TokenType.ALIAS):
        self.raise_error("Expected AS after the watermark's column")
    result: exp.Expr = self.expression(exp.WatermarkColumnConstraint(this=column, expression=self._parse_disjunction()))
    return result


WATERMARK_CONSTRAINT_PARSERS = {"WATERMARK": _watermark}
