"""Who is asked about a pipeline's query, Flink or Spark, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from featuremill_codegen.dialect import Flink
from featuremill_codegen.flink_rules import FlinkRules
from featuremill_codegen.hive.rules import HiveRules
from featuremill_codegen.hive.variables import FilledSource
from featuremill_codegen.pipeline import Pipeline
from sqlglot import exp
from sqlglot.dialects.hive import Hive
from sqlglot.errors import ErrorLevel
from sqlglot.generators.hive import HiveGenerator

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Asked:
    """An engine: its name, the program that asks it, whether a node puts rows together, and how trees are printed."""

    engine: str
    program: Path
    is_aggregate: Callable[[exp.Expr], bool]
    sql: Callable[[exp.Expr], str]


def asked_of(pipeline: Pipeline) -> Asked:
    """The engine of the pipeline's kind. HiveQL is printed with its variables as the file has them."""
    if pipeline.mode == "stream":
        return Asked("Flink", HERE / "probe_program.py", FlinkRules().is_aggregate, _flink)
    source = pipeline.query.source
    assert isinstance(source, FilledSource)

    def hive(node: exp.Expr) -> str:
        printer = _HivePrinter(dialect=Hive(), comments=False, unsupported_level=ErrorLevel.IGNORE)
        return source.as_written(printer.generate(node))

    return Asked("Spark", HERE / "spark_probe_program.py", HiveRules().is_aggregate, hive)


def _flink(node: exp.Expr) -> str:
    return node.sql(dialect=Flink, comments=False)


def _added_days(printer: Any, node: exp.TsOrDsAdd) -> str:
    """DATE_SUB(a, 28) is read as a with 28 * -1 days added."""
    days = node.expression
    if isinstance(days, exp.Mul) and isinstance(days.expression, exp.Neg) and days.expression.name == "1":
        return str(printer.func("DATE_SUB", node.this, days.this))
    return str(printer.func("DATE_ADD", node.this, days))


def _cast(printer: Any, node: exp.TryCast) -> str:
    """The Hive dialect reads CAST, too, as a cast that gives NULL where it fails."""
    word = "TRY_CAST" if node.args.get("safe") else "CAST"
    return f"{word}({printer.sql(node, 'this')} AS {printer.sql(node, 'to')})"


def _not(printer: Any, node: exp.Not) -> str:
    if isinstance(node.this, exp.Is):
        return f"{printer.sql(node.this, 'this')} IS NOT {printer.sql(node.this, 'expression')}"
    return str(printer.not_sql(node))


class _HivePrinter(HiveGenerator):
    """sqlglot's own, but for what Hive itself doesn't know or would be written otherwise than it was."""

    TRANSFORMS: ClassVar = {
        **HiveGenerator.TRANSFORMS,
        exp.Not: _not,
        exp.TryCast: _cast,
        exp.TsOrDsAdd: _added_days,
    }
