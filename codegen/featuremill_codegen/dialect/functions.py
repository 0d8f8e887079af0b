"""Functions: a few are understood, all others keep their name and arguments as written.

sqlglot translates functions between dialects and so renames many of them. Nothing is translated here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp, parser
from sqlglot.tokenizer_core import TokenType

_UNDERSTOOD = ("AVG", "COALESCE", "COUNT", "MAX", "MIN", "SUM")
_SPECIAL_TEXT = """
    CAST CEIL EXTRACT FLOOR JSON_OBJECT JSON_OBJECTAGG OVERLAY POSITION SUBSTRING TRIM TRY_CAST
"""
_SPECIAL = frozenset(_SPECIAL_TEXT.split())


def _understood(name: str) -> Callable[..., exp.Expr]:
    """Makes the function's own node; without arguments, which Flink's parser takes and its planner doesn't, a plain
    call."""
    build = parser.Parser.FUNCTIONS[name]
    return lambda args: build(args) if args or name == "COUNT" else exp.Anonymous(this=name, expressions=[])


FUNCTIONS: dict[str, Callable[..., Any]] = {name: _understood(name) for name in _UNDERSTOOD}
FUNCTION_PARSERS: dict[str, Callable[..., Any]] = {name: parser.Parser.FUNCTION_PARSERS[name] for name in _SPECIAL}
NO_PAREN_FUNCTION_PARSERS: dict[str, Callable[..., Any]] = {
    "CASE": parser.Parser.NO_PAREN_FUNCTION_PARSERS["CASE"],
}


class EmptyMap(exp.Expression):
    """`MAP[]`."""

    arg_types = {}  # noqa: RUF012


class FunctionsParser:
    """Parser part."""

    def _parse_bracket(self, this: exp.Expr | None = None) -> exp.Expr | None:
        parser_: Any = self
        name = this.this if isinstance(this, exp.Column) and len(this.parts) == 1 else None
        is_map = name is not None and name.name.upper() == "MAP" and not name.args.get("quoted")
        if is_map and parser_._match_pair(TokenType.L_BRACKET, TokenType.R_BRACKET):
            node: exp.Expr = parser_.expression(EmptyMap())
            return node
        parsed: exp.Expr | None = super()._parse_bracket(this)  # type: ignore[misc]
        return parsed


def try_cast_sql(self: Any, node: exp.TryCast) -> str:
    return f"TRY_CAST({self.sql(node, 'this')} AS {self.sql(node, 'to')})"


def array_sql(self: Any, node: exp.Array) -> str:
    return f"ARRAY[{self.expressions(node, flat=True)}]"


FUNCTION_TRANSFORMS: dict[Any, Callable[..., str]] = {
    exp.Array: array_sql,
    EmptyMap: lambda *_: "MAP[]",
    exp.TryCast: try_cast_sql,
    exp.CurrentDate: lambda *_: "CURRENT_DATE",
    exp.CurrentTime: lambda *_: "CURRENT_TIME",
    exp.CurrentTimestamp: lambda *_: "CURRENT_TIMESTAMP",
}
