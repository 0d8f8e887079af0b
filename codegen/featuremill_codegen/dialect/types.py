"""Flink's types: TIMESTAMP_LTZ(p), ROW<…>, MULTISET<…>, BYTES, VARIANT, and NOT NULL inside a type."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType


class TypedLiteral(exp.Cast):
    """`DATE '2024-01-01'`, `TIMESTAMP '…'`: the literal says its own precision, which a CAST would fix."""


TYPE_LITERAL_PARSERS = {
    kind: lambda self, this, data_type: self.expression(TypedLiteral(this=this, to=data_type))
    for kind in (exp.DType.DATE, exp.DType.TIME, exp.DType.TIMESTAMP, exp.DType.DATETIME)
}

TYPE_NAMES = {
    exp.DType.BLOB: "BYTES",
    exp.DType.TEXT: "STRING",
    exp.DType.TIMESTAMPLTZ: "TIMESTAMP_LTZ",
    exp.DType.STRUCT: "ROW",
    exp.DType.LIST: "MULTISET",
    exp.DType.INT: "INT",
}
"""How the dialect prints the types that sqlglot knows under another name."""

_COLLECTIONS = {
    TokenType.ARRAY: exp.DType.ARRAY,
    TokenType.MAP: exp.DType.MAP,
    TokenType.LIST: exp.DType.LIST,
}


_BEHIND_A_TYPE = (TokenType.ARRAY, TokenType.LIST)


class TypesParser:
    """Parser part: types with types inside."""

    def _parse_types(self, check_func: bool = False, *args: Any, **kwargs: Any) -> exp.Expr | None:
        """A type, and `ARRAY` or `MULTISET` behind it: a collection of it."""
        this: Any = self
        first = this._curr
        kind = self._parse_one_type(check_func, *args, **kwargs)
        if isinstance(kind, exp.DataType) and kind.this is exp.DType.USERDEFINED:
            kind.update_positions(first)
        while isinstance(kind, exp.DataType) and this._curr and this._curr.token_type in _BEHIND_A_TYPE:
            collection = _COLLECTIONS[this._curr.token_type]
            this._advance()
            kind = exp.DataType(this=collection, expressions=[kind], nested=True)
        return kind

    def _parse_one_type(self, check_func: bool = False, *args: Any, **kwargs: Any) -> exp.Expr | None:
        this: Any = self
        opening = this._next.token_type if this._curr and this._next else None
        if opening is TokenType.L_BRACKET and this._curr.token_type in _COLLECTIONS:
            return None  # ARRAY[…] is a value; tried as a type first, nested ones would take exponential time
        is_row = this._match_text_seq("ROW", advance=False) and this._curr.token_type is not TokenType.IDENTIFIER
        if is_row and (opening is TokenType.LT or (opening is TokenType.L_PAREN and not check_func)):
            this._advance(2)
            fields = this._parse_csv(self._parse_row_field)
            self._close(TokenType.GT if opening is TokenType.LT else TokenType.R_PAREN)
            return exp.DataType(this=exp.DType.STRUCT, expressions=fields, nested=True)
        if opening is TokenType.LT and this._curr.token_type in _COLLECTIONS:
            kind = _COLLECTIONS[this._curr.token_type]
            this._advance(2)
            parts = this._parse_csv(self._parse_inner_type)
            self._close(TokenType.GT)
            return exp.DataType(this=kind, expressions=parts, nested=True)
        parsed: exp.Expr | None = super()._parse_types(check_func, *args, **kwargs)  # type: ignore[misc]
        return parsed

    def _parse_user_defined_type(self, identifier: exp.Identifier) -> exp.DataType:
        """A type of one's own is named as it is written, quotes and all."""
        this: Any = self
        first = this._prev
        while this._match(TokenType.DOT):
            this._advance()
        return exp.DataType(this=exp.DType.USERDEFINED, kind=this._find_sql(first, this._prev))

    def _parse_inner_type(self) -> exp.Expr | None:
        """`TYPE [NOT NULL]` between < and >."""
        this: Any = self
        kind = self._parse_types()
        if kind is None:
            this.raise_error("Expected a type")
        elif this._match_pair(TokenType.NOT, TokenType.NULL):
            kind.set("nullable", False)
        return kind

    def _parse_row_field(self) -> exp.Expr:
        """`name TYPE [NOT NULL] ['comment']`."""
        this: Any = self
        name = this._parse_id_var()
        kind = self._parse_inner_type()
        comment = this._parse_string() if this._match(TokenType.STRING, advance=False) else None
        constraints = [exp.ColumnConstraint(kind=exp.CommentColumnConstraint(this=comment))] if comment else None
        return exp.ColumnDef(this=name, kind=kind, constraints=constraints)

    def _close(self, bracket: TokenType) -> None:
        this: Any = self
        if not this._match(bracket):
            this.raise_error("Expecting >" if bracket is TokenType.GT else "Expecting )")


class TypesGenerator:
    """Generator part."""

    def datatype_sql(self, expression: exp.DataType) -> str:
        sql = super().datatype_sql(expression)  # type: ignore[misc]
        return f"{sql} NOT NULL" if expression.args.get("nullable") is False else sql


def _comment_sql(self: Any, node: exp.CommentColumnConstraint) -> str:
    """`COMMENT '…'` behind a column, `'…'` alone behind a field of a row."""
    comment: str = self.sql(node, "this")
    return comment if node.find_ancestor(exp.DataType) is not None else f"COMMENT {comment}"


TYPES_TRANSFORMS = {
    exp.CommentColumnConstraint: _comment_sql,
    TypedLiteral: lambda self, node: f"{self.sql(node, 'to')} {self.sql(node, 'this')}",
}
