"""Statements around statements: EXECUTE, statement sets, SET and RESET.

EXECUTE STATEMENT SET BEGIN INSERT …; INSERT …; END        one statement
BEGIN STATEMENT SET; INSERT …; INSERT …; END               four statements
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType


class Execute(exp.Expression):
    """`EXECUTE` before a query, an INSERT or a StatementSet."""


class StatementSet(exp.Expression):
    """`STATEMENT SET BEGIN …; END`: its INSERTs are `expressions`."""

    arg_types = {"expressions": True}  # noqa: RUF012


class BeginStatementSet(exp.Expression):
    """`BEGIN STATEMENT SET`."""

    arg_types = {}  # noqa: RUF012


class EndStatementSet(exp.Expression):
    """`END`."""

    arg_types = {}  # noqa: RUF012


class SetOption(exp.Expression):
    """`SET ['key' = 'value']`, and `RESET ['key']` where `reset` is true."""

    arg_types = {"this": False, "value": False, "reset": False}  # noqa: RUF012


def split_statements(tokens: Sequence[Token]) -> list[list[Token]]:
    """The tokens of each statement, without the semicolons between; empty statements are left out."""
    statements: list[list[Token]] = []
    current: list[Token] = []
    in_set = False
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON and not in_set:
            if current:
                statements.append(current)
            current = []
            continue
        current.append(token)
        if token.token_type is TokenType.BEGIN and len(current) > 1:
            in_set = _words(current[-3:-1]) == ["STATEMENT", "SET"]
        elif token.token_type is TokenType.END and in_set:
            in_set = current[-2].token_type is not TokenType.SEMICOLON
    if current:
        statements.append(current)
    return statements


def _words(tokens: Sequence[Token]) -> list[str]:
    return [token.text.upper() for token in tokens]


class SetsParser:
    """Parser part: RESET, for which sqlglot has no token."""

    def _parse_statement(self) -> exp.Expr | None:
        this: Any = self
        if this._match_text_seq("RESET"):
            return _made(this, SetOption(this=this._parse_primary(), reset=True))
        statement: exp.Expr | None = super()._parse_statement()  # type: ignore[misc]
        return statement


def _execute(self: Any) -> exp.Expr:
    if not self._match_text_seq("STATEMENT", "SET", "BEGIN"):
        return _made(self, Execute(this=self._parse_statement()))
    inserts = []
    while not self._match(TokenType.END):
        inserts.append(self._parse_statement())
        self._match(TokenType.SEMICOLON)
    return _made(self, Execute(this=StatementSet(expressions=inserts)))


def _begin(self: Any) -> exp.Expr:
    self._match_text_seq("STATEMENT", "SET")
    return _made(self, BeginStatementSet())


def _set(self: Any) -> exp.Expr:
    key = self._parse_primary()
    value = self._parse_primary() if self._match(TokenType.EQ) else None
    return _made(self, SetOption(this=key, value=value))


def _made(self: Any, node: exp.Expr) -> exp.Expr:
    result: exp.Expr = self.expression(node)
    return result


def _set_sql(self: Any, node: SetOption) -> str:
    words = ["RESET" if node.args.get("reset") else "SET", self.sql(node, "this")]
    if node.args.get("value") is not None:
        words += ["=", self.sql(node, "value")]
    return " ".join(word for word in words if word)


SETS_PARSERS = {
    TokenType.EXECUTE: _execute,
    TokenType.BEGIN: _begin,
    TokenType.END: lambda self: _made(self, EndStatementSet()),
    TokenType.SET: _set,
}
SETS_TRANSFORMS = {
    Execute: lambda self, node: f"EXECUTE {self.sql(node, 'this')}",
    StatementSet: lambda self, node: (
        f"STATEMENT SET BEGIN {' '.join(f'{self.sql(each)};' for each in node.expressions)} END"
    ),
    BeginStatementSet: lambda *_: "BEGIN STATEMENT SET",
    EndStatementSet: lambda *_: "END",
    SetOption: _set_sql,
}
