from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.pipeline import Pipeline


class IntegerAverage(Rule):
    """AVG of integers.

    Flink's AVG of an integer column is an integer: the mean of 1, 2 and 2 is 1. A model that was trained on real means
    reads something else.
    """

    code = "FM202"

    def check(self, pipeline: Pipeline) -> Iterator[Finding]:
        for statement in pipeline.statements:
            for average in statement.tree.find_all(exp.Avg):
                kind = pipeline.types.get(id(average.this))
                if kind is not None and kind.is_integer:
                    message = f"AVG of {kind} is {kind} in Flink: the mean of 1, 2 and 2 is 1."
                    help = f"AVG(CAST({average.this.sql(dialect='flink')} AS DOUBLE))"
                    yield statement.finding(self.code, message, average, help=help)
