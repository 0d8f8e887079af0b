"""Python functions of a batch: PySpark's decorators and types."""

from __future__ import annotations

import ast

from sqlglot import exp
from sqlglot.errors import SqlglotError

from featuremill_codegen import types
from featuremill_codegen.decimals import decimal
from featuremill_codegen.hive.types import TIMESTAMP, from_tree
from featuremill_codegen.types import SqlType
from featuremill_codegen.udfs import Decorators

_PLAIN = {
    "StringType": types.STRING,
    "BooleanType": types.BOOLEAN,
    "ByteType": SqlType("TINYINT"),
    "ShortType": SqlType("SMALLINT"),
    "IntegerType": types.INT,
    "LongType": types.BIGINT,
    "FloatType": types.FLOAT,
    "DoubleType": types.DOUBLE,
    "DateType": types.DATE,
    "TimestampType": TIMESTAMP,
    "BinaryType": types.BYTES,
}


def _type_of(node: ast.expr) -> SqlType | None:
    """`"array<int>"`, `DoubleType()` or `ArrayType(IntegerType())` as a type; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return from_tree(exp.DataType.build(node.value, dialect="hive"))
        except (SqlglotError, ValueError):
            return None
    if not isinstance(node, ast.Call):
        return None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in _PLAIN:
        return _PLAIN[name]
    if name == "DecimalType":
        digits = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, int)]
        return decimal(digits[0], digits[1]) if len(digits) == 2 else None
    if name in ("ArrayType", "MapType"):
        wanted = 1 if name == "ArrayType" else 2
        parts = tuple(part for part in map(_type_of, node.args[:wanted]) if part is not None)
        return SqlType(name.removesuffix("Type").upper(), (), parts) if len(parts) == wanted else None
    return _struct(node.args) if name == "StructType" else None


def _struct(arguments: list[ast.expr]) -> SqlType | None:
    """`StructType([StructField("name", type), …])`."""
    fields = arguments[0].elts if len(arguments) == 1 and isinstance(arguments[0], ast.List) else []
    names: list[str] = []
    parts: list[SqlType] = []
    for each in fields:
        if not (isinstance(each, ast.Call) and len(each.args) >= 2):
            return None
        name, kind = each.args[0], _type_of(each.args[1])
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)) or kind is None:
            return None
        names.append(name.value.lower())
        parts.append(kind)
    return SqlType("ROW", (), tuple(parts), tuple(names)) if parts else None


PYSPARK = Decorators(
    package="pyspark",
    kinds={"udf": "scalar", "pandas_udf": "vectorized", "arrow_udf": "vectorized", "udtf": "table"},
    result="returnType",
    place=0,
    type_of=_type_of,
    example='@udf(returnType="double")',
)
