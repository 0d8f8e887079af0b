from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.dialect.windows import WINDOW_FUNCTIONS, Descriptor, TableArgument
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.statements import Statement


class WindowWithoutWatermark(Rule):
    """An event-time window over a source without a watermark.

    A window closes when the watermark passes its end. Without one there is nothing to close it: the planner refuses the
    query, or the window never emits.
    """

    code = "FM201"

    def check(self, pipeline: Pipeline) -> Iterator[Finding]:
        for statement in pipeline.statements:
            for call in statement.tree.find_all(exp.Anonymous):
                if call.name.upper() in WINDOW_FUNCTIONS:
                    yield from self._check_call(pipeline, statement, call)

    def _check_call(self, pipeline: Pipeline, statement: Statement, call: exp.Anonymous) -> Iterator[Finding]:
        arguments = [each.expression if isinstance(each, exp.Kwarg) else each for each in call.expressions]
        table = next((each.this for each in arguments if isinstance(each, TableArgument)), None)
        time = next((each.expressions[0] for each in arguments if isinstance(each, Descriptor)), None)
        relation = pipeline.environment.relations.get(table.name) if isinstance(table, exp.Table) else None
        column = relation.columns.get(time.name) if relation is not None and time is not None else None
        for origin, name in sorted(column.origins) if column is not None else ():
            assert time is not None
            source = next(each for each in pipeline.tables if each.name == origin)
            computed = any(each.name == name and each.kind == "computed" for each in source.columns)
            if source.watermark != name and not computed:
                message = f"This window is over `{time.name}`, but the table `{origin}` has no watermark for it."
                help = f"in source.sql: WATERMARK FOR {name} AS {name} - INTERVAL '5' MINUTE"
                yield statement.finding(self.code, message, time, help=help)
