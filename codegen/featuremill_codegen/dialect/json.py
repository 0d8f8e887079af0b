"""JSON functions with words among their arguments.

JSON_VALUE(x, '$.a' RETURNING INT DEFAULT 0 ON EMPTY NULL ON ERROR)
JSON_QUERY(x, '$.a' WITH CONDITIONAL WRAPPER)
JSON_EXISTS(x, '$.a' FALSE ON ERROR)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType


class JsonFunction(exp.Expression, exp.Func):
    """One of those functions: `this` its name, `clauses` what follows its arguments, in order."""

    arg_types = {"this": True, "expressions": True, "returning": False, "clauses": False}  # noqa: RUF012


def _json_function(name: str) -> Callable[[Any], exp.Expr]:
    def parse(self: Any) -> exp.Expr:
        arguments = self._parse_csv(self._parse_disjunction)
        returning = self._parse_types() if self._match_text_seq("RETURNING") else None
        clauses: list[exp.Expr] = []
        while self._curr and not self._match(TokenType.R_PAREN, advance=False):
            if self._match_text_seq("DEFAULT"):
                clauses += [exp.var("DEFAULT"), self._parse_bitwise()]
            elif self._curr.text.isalpha():
                clauses.append(exp.var(self._curr.text.upper()))
                self._advance()
            else:
                self.raise_error("Expecting )")
        node = JsonFunction(this=name, expressions=arguments, returning=returning, clauses=clauses)
        result: exp.Expr = self.expression(node)
        return result

    return parse


def json_function_sql(self: Any, node: JsonFunction) -> str:
    parts = [self.expressions(node, flat=True)]
    if node.args.get("returning") is not None:
        parts.append(f"RETURNING {self.sql(node, 'returning')}")
    parts += [self.sql(clause) for clause in node.args.get("clauses") or ()]
    return f"{node.this}({' '.join(parts)})"


JSON_FUNCTION_PARSERS = {
    name: _json_function(name) for name in ("JSON_ARRAY", "JSON_EXISTS", "JSON_QUERY", "JSON_VALUE")
}
JSON_TRANSFORMS = {JsonFunction: json_function_sql}
