"""Window table functions and other functions over tables: `TABLE t [PARTITION BY …]` and `DESCRIPTOR(column)`.

TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR))
TO_CHANGELOG(input => TABLE t, op => DESCRIPTOR(op))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp, parser
from sqlglot.tokenizer_core import TokenType


class TableArgument(exp.Expression):
    """A table as a function's argument: `TABLE t` or `(SELECT …)`, each with PARTITION BY and ORDER BY."""

    arg_types = {"this": True, "partition_by": False, "order": False}  # noqa: RUF012


class ModelArgument(exp.Expression):
    """`MODEL name` as an argument of ML_PREDICT."""


class Descriptor(exp.Expression):
    """DESCRIPTOR(column, …): names of columns, not their values."""

    arg_types = {"expressions": False}  # noqa: RUF012


WINDOW_FUNCTIONS = {"TUMBLE", "HOP", "CUMULATE", "SESSION"}
"""They add window_start, window_end (TIMESTAMP(3) NOT NULL) and window_time to the columns of their table."""


def _named_argument(self: Any, names: list[exp.Expr]) -> exp.Expr:
    value = self._parse_table_argument() or self._parse_disjunction() or self._parse_select()
    result: exp.Expr = self.expression(exp.Kwarg(this=names[0], expression=value))
    return result


def _descriptor(self: Any) -> exp.Expr:
    result: exp.Expr = self.expression(Descriptor(expressions=self._parse_csv(self._parse_id_var)))
    return result


WINDOW_FUNCTION_PARSERS: dict[str, Callable[..., Any]] = {"DESCRIPTOR": _descriptor}
WINDOW_LAMBDAS: dict[TokenType, Callable[..., Any]] = {**parser.Parser.LAMBDAS, TokenType.FARROW: _named_argument}


class WindowsParser:
    """Parser part: a function's argument may be a table."""

    def _parse_lambda(self, alias: bool = False) -> exp.Expr | None:
        parsed: exp.Expr | None = self._parse_table_argument() or super()._parse_lambda(alias=alias)  # type: ignore[misc]
        return self._parse_partitioning(parsed)

    def _parse_select(self, *args: Any, **kwargs: Any) -> exp.Expr | None:
        """`TABLE t` as a query is all of t."""
        this: Any = self
        if this._match(TokenType.TABLE, advance=False) and this._next and this._next.token_type in _NAMES:
            this._advance()
            table: exp.Expr = this.expression(exp.From(this=this._parse_table_parts(schema=True)))
            query = exp.Select(expressions=[exp.Star()], from_=table)
            set_operations: exp.Expr | None = this._parse_query_modifiers(this._parse_set_operations(query))
            return set_operations
        parsed: exp.Expr | None = super()._parse_select(*args, **kwargs)  # type: ignore[misc]
        return parsed

    def _parse_table_argument(self) -> exp.Expr | None:
        this: Any = self
        if this._match(TokenType.TABLE):
            table = this._parse_table_parts()
            return self._parse_partitioning(this.expression(TableArgument(this=table)))
        if this._match_text_seq("MODEL", advance=False) and this._next and this._next.token_type in _NAMES:
            this._advance()
            model: exp.Expr = this.expression(ModelArgument(this=this._parse_table_parts()))
            return model
        return None

    def _parse_partitioning(self, argument: exp.Expr | None) -> exp.Expr | None:
        """`PARTITION BY column` or `(column, …)`, and ORDER BY alike, behind a table or a query."""
        this: Any = self
        if not isinstance(argument, TableArgument | exp.Subquery):
            return argument
        columns = orders = None
        if this._match(TokenType.PARTITION_BY):
            columns = self._parse_one_or_wrapped(this._parse_column)
        if this._match(TokenType.ORDER_BY):
            orders = exp.Order(expressions=self._parse_one_or_wrapped(this._parse_ordered))
        if columns is None and orders is None:
            return argument
        if isinstance(argument, exp.Subquery):
            argument = TableArgument(this=argument)
        argument.set("partition_by", columns)
        argument.set("order", orders)
        return argument

    def _parse_one_or_wrapped(self, parse: Callable[[], exp.Expr | None]) -> list[exp.Expr]:
        this: Any = self
        if this._match(TokenType.L_PAREN, advance=False):
            found: list[exp.Expr] = this._parse_wrapped_csv(parse)
            return found
        one = parse()
        return [one] if one is not None else []


_NAMES = {TokenType.VAR, TokenType.IDENTIFIER}


def _one_or_wrapped(self: Any, nodes: list[exp.Expr]) -> str:
    sql = ", ".join(self.sql(node) for node in nodes)
    return f"({sql})" if len(nodes) > 1 else sql


def table_argument_sql(self: Any, node: TableArgument) -> str:
    sql: str = self.sql(node, "this")
    if not isinstance(node.this, exp.Subquery):
        sql = f"TABLE {sql}"
    if node.args.get("partition_by"):
        sql += f" PARTITION BY {_one_or_wrapped(self, node.args['partition_by'])}"
    if node.args.get("order") is not None:
        sql += f" ORDER BY {_one_or_wrapped(self, node.args['order'].expressions)}"
    return sql


def descriptor_sql(self: Any, node: Descriptor) -> str:
    return f"DESCRIPTOR({self.expressions(node, flat=True)})"


WINDOW_TRANSFORMS = {
    TableArgument: table_argument_sql,
    ModelArgument: lambda self, node: f"MODEL {self.sql(node, 'this')}",
    Descriptor: descriptor_sql,
}
