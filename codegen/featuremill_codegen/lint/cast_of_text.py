from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.types import from_tree


class CastOfText(Rule):
    """CAST of a text to something else.

    A text that isn't a number ends the job: `CAST('abc' AS INT)` throws, and the restarted job meets the same row
    again. TRY_CAST gives NULL.
    """

    code = "FM204"

    def check(self, pipeline: Pipeline) -> Iterator[Finding]:
        for statement in pipeline.statements:
            for cast in statement.tree.find_all(exp.Cast):
                if isinstance(cast, exp.TryCast) or isinstance(cast.this, exp.Literal):
                    continue
                source, target = pipeline.types.get(id(cast.this)), from_tree(cast.to)
                if source is not None and source.is_text and target is not None and not target.is_text:
                    message = f"A text that can't be read as {target} would end the job here."
                    help = f"TRY_CAST({cast.this.sql(dialect='flink')} AS {target}) gives NULL for it"
                    yield statement.finding(self.code, message, cast.this, help=help)
