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
    """A table as a function's argument: `TABLE t`, `TABLE (SELECT …)`, each with PARTITION BY and ORDER BY."""

    arg_types = {"this": True, "partition_by": False, "order": False}  # noqa: RUF012


class Descriptor(exp.Expression):
    """DESCRIPTOR(column, …): names of columns, not their values."""

    arg_types = {"expressions": True}  # noqa: RUF012


WINDOW_FUNCTIONS = {"TUMBLE", "HOP", "CUMULATE", "SESSION"}
"""They add window_start, window_end (TIMESTAMP(3) NOT NULL) and window_time to the columns of their table."""


def _named_argument(self: Any, names: list[exp.Expr]) -> exp.Expr:
    value = self._parse_table_argument() or self._parse_disjunction() or self._parse_select()
    result: exp.Expr = self.expression(exp.Kwarg(this=exp.var(names[0].name), expression=value))
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
        return parsed

    def _parse_table_argument(self) -> exp.Expr | None:
        this: Any = self
        if not this._match(TokenType.TABLE, advance=False):
            return None
        this._advance()
        if this._match(TokenType.L_PAREN, advance=False):
            table = this._parse_wrapped(this._parse_select)
            table = exp.Subquery(this=table)
        else:
            table = this._parse_table_parts()
        partition = this._parse_partition_by()
        order = this._parse_order()
        result: exp.Expr = this.expression(TableArgument(this=table, partition_by=partition, order=order))
        return result


def table_argument_sql(self: Any, node: TableArgument) -> str:
    sql = f"TABLE {self.sql(node, 'this')}"
    if node.args.get("partition_by"):
        sql += f" PARTITION BY {self.expressions(node, key='partition_by', flat=True)}"
    return sql + str(self.sql(node, "order"))


def descriptor_sql(self: Any, node: Descriptor) -> str:
    return f"DESCRIPTOR({self.expressions(node, flat=True)})"


WINDOW_TRANSFORMS = {TableArgument: table_argument_sql, Descriptor: descriptor_sql}
