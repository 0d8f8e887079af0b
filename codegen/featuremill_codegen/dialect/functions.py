"""Functions: a few are understood, all others keep their name and arguments as written.

sqlglot translates functions between dialects and so renames many of them. Nothing is translated here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp, parser

_UNDERSTOOD = ("AVG", "COALESCE", "COUNT", "MAX", "MIN", "SUM")
_SPECIAL_TEXT = """
    CAST CEIL EXTRACT FLOOR JSON_OBJECT JSON_OBJECTAGG OVERLAY POSITION SUBSTRING TRIM TRY_CAST
"""
_SPECIAL = frozenset(_SPECIAL_TEXT.split())

FUNCTIONS: dict[str, Callable[..., Any]] = {name: parser.Parser.FUNCTIONS[name] for name in _UNDERSTOOD}
FUNCTION_PARSERS: dict[str, Callable[..., Any]] = {name: parser.Parser.FUNCTION_PARSERS[name] for name in _SPECIAL}
NO_PAREN_FUNCTION_PARSERS: dict[str, Callable[..., Any]] = {
    "CASE": parser.Parser.NO_PAREN_FUNCTION_PARSERS["CASE"],
}


def try_cast_sql(self: Any, node: exp.TryCast) -> str:
    return f"TRY_CAST({self.sql(node, 'this')} AS {self.sql(node, 'to')})"


def array_sql(self: Any, node: exp.Array) -> str:
    return f"ARRAY[{self.expressions(node, flat=True)}]"


FUNCTION_TRANSFORMS: dict[Any, Callable[..., str]] = {
    exp.Array: array_sql,
    exp.TryCast: try_cast_sql,
    exp.CurrentDate: lambda *_: "CURRENT_DATE",
    exp.CurrentTime: lambda *_: "CURRENT_TIME",
    exp.CurrentTimestamp: lambda *_: "CURRENT_TIMESTAMP",
}
