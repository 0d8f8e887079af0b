"""Flink's SQL types as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from featuremill_codegen.dialect import Flink

INTEGERS = ("TINYINT", "SMALLINT", "INT", "BIGINT")
_DEFAULT_ARGS = {
    "CHAR": (1,),
    "BINARY": (1,),
    "DECIMAL": (10, 0),
    "TIME": (0,),
    "TIMESTAMP": (6,),
    "TIMESTAMP_LTZ": (6,),
}
_ROOTS = {
    exp.DType.CHAR: "CHAR",
    exp.DType.VARCHAR: "VARCHAR",
    exp.DType.TEXT: "STRING",
    exp.DType.BOOLEAN: "BOOLEAN",
    exp.DType.TINYINT: "TINYINT",
    exp.DType.SMALLINT: "SMALLINT",
    exp.DType.INT: "INT",
    exp.DType.BIGINT: "BIGINT",
    exp.DType.FLOAT: "FLOAT",
    exp.DType.DOUBLE: "DOUBLE",
    exp.DType.DECIMAL: "DECIMAL",
    exp.DType.DATE: "DATE",
    exp.DType.TIME: "TIME",
    exp.DType.TIMESTAMP: "TIMESTAMP",
    exp.DType.TIMESTAMPLTZ: "TIMESTAMP_LTZ",
    exp.DType.BLOB: "BYTES",
    exp.DType.BINARY: "BINARY",
    exp.DType.VARBINARY: "VARBINARY",
    exp.DType.ARRAY: "ARRAY",
    exp.DType.MAP: "MAP",
    exp.DType.LIST: "MULTISET",
    exp.DType.STRUCT: "ROW",
    exp.DType.VARIANT: "VARIANT",
    exp.DType.NULL: "NULL",
}


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type without its nullability.

    `args` are lengths or precision and scale; `parts` the types inside (element, key and value, a row's fields);
    `names` a row's field names.

        >>> str(SqlType("DECIMAL", (10, 2)))
        'DECIMAL(10, 2)'
    """

    root: str
    args: tuple[int, ...] = ()
    parts: tuple[SqlType, ...] = ()
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.names:
            fields = zip(self.names, self.parts, strict=True)
            return f"ROW<{', '.join(f'`{name}` {part}' for name, part in fields)}>"
        if self.parts:
            return f"{self.root}<{', '.join(map(str, self.parts))}>"
        return f"{self.root}({', '.join(map(str, self.args))})" if self.args else self.root

    @property
    def is_integer(self) -> bool:
        return self.root in INTEGERS

    @property
    def is_text(self) -> bool:
        return self.root in ("CHAR", "VARCHAR", "STRING")

    @property
    def is_numeric(self) -> bool:
        return self.is_integer or self.root in ("FLOAT", "DOUBLE", "DECIMAL")

    @property
    def is_binary(self) -> bool:
        return self.root in ("BINARY", "VARBINARY", "BYTES")

    @property
    def is_timestamp(self) -> bool:
        return self.root in ("TIMESTAMP", "TIMESTAMP_LTZ")

    @property
    def is_interval(self) -> bool:
        return self.root.startswith("INTERVAL")


STRING, BOOLEAN, INT, BIGINT = SqlType("STRING"), SqlType("BOOLEAN"), SqlType("INT"), SqlType("BIGINT")
FLOAT, DOUBLE, DATE, BYTES, NULL = (
    SqlType("FLOAT"),
    SqlType("DOUBLE"),
    SqlType("DATE"),
    SqlType("BYTES"),
    SqlType("NULL"),
)
VARIANT = SqlType("VARIANT")
INTERVAL_SECOND, INTERVAL_MONTH = SqlType("INTERVAL SECOND", (3,)), SqlType("INTERVAL MONTH")
TIMESTAMP_3, TIMESTAMP_LTZ_3 = SqlType("TIMESTAMP", (3,)), SqlType("TIMESTAMP_LTZ", (3,))

LONGEST = 2**31 - 1
"""The length of a text or of bytes that have no limit."""

_LONGEST = {"VARCHAR": STRING, "VARBINARY": BYTES}


def from_tree(tree: exp.Expr | None) -> SqlType | None:
    """The type that a tree of the dialect names; None for what isn't one of Flink's."""
    if not isinstance(tree, exp.DataType) or tree.this not in _ROOTS:
        return None
    root = _ROOTS[tree.this]
    if root in ("ARRAY", "MAP", "MULTISET", "ROW"):
        kinds = [each.args.get("kind") if isinstance(each, exp.ColumnDef) else each for each in tree.expressions]
        names = tuple(each.name for each in tree.expressions if isinstance(each, exp.ColumnDef))
        parts = tuple(part for part in map(from_tree, kinds) if part is not None)
        if len(parts) != len(kinds) or len(parts) != {"ARRAY": 1, "MAP": 2, "MULTISET": 1}.get(root, len(kinds)):
            return None
        return SqlType(root, (), parts, names if root == "ROW" else ())
    args = tuple(int(each.name) for each in tree.expressions if each.name.isdecimal())
    if root in _LONGEST and args in ((), (LONGEST,)):
        return _LONGEST[root]
    if root == "DECIMAL" and len(args) == 1:
        args = (*args, 0)
    return SqlType(root, args or _DEFAULT_ARGS.get(root, ()))


def parse_type(text: str) -> SqlType | None:
    """The type that a text names, for example `DECIMAL(10, 2)`; None for what isn't one.

    >>> str(parse_type("map<string, int>"))
    'MAP<STRING, INT>'
    """
    try:
        parser = Flink().parser(error_level=ErrorLevel.IMMEDIATE)
        (tree,) = parser.parse_into(exp.DataType, Flink().tokenize(text), text)
        return from_tree(tree)
    except (SqlglotError, ValueError):
        return None
