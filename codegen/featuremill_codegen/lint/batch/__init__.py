"""Rules about what HiveQL does on Spark: answers that depend on chance, runs that one row ends, partitions."""

from __future__ import annotations

from featuremill_codegen.lint.batch.division_by_zero import DivisionByZero
from featuremill_codegen.lint.batch.limited_text import LimitedText
from featuremill_codegen.lint.batch.order_of_rows import OrderOfRows
from featuremill_codegen.lint.batch.sorted_for_nothing import SortedForNothing
from featuremill_codegen.lint.batch.text_as_number import TextAsNumber
from featuremill_codegen.lint.batch.whole_history import WholeHistory
from featuremill_codegen.lint.rule import Rule

RULES: tuple[Rule, ...] = (
    OrderOfRows(),
    DivisionByZero(),
    TextAsNumber(),
    LimitedText(),
    WholeHistory(),
    SortedForNothing(),
)
