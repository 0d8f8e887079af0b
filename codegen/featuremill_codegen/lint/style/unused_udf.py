from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BOTH, Rule
from featuremill_codegen.lint.subject import Subject


class UnusedUdf(Rule):
    """A Python function that no statement calls.

    With the last one gone, so is `udf_def.py`, and the job needs no Python workers. (Flink tells the case of names
    apart, Spark doesn't.)
    """

    code = "FM404"
    why = "its imports are installed and loaded on every worker, for nothing"
    modes = BOTH

    def check(self, subject: Subject) -> Iterator[Finding]:
        source = subject.pipeline.udf_source
        if source is None:
            return
        called = {subject.normal(call.node.name) for call in subject.calls}
        for udf in subject.pipeline.udfs:
            if subject.normal(udf.name) not in called:
                start = source.offset(udf.line - 1, 0)
                start = source.text.find(udf.name, start)
                message = f"`{udf.name}` is called by no statement."
                yield source.finding(self.code, message, start, start + len(udf.name), help="remove it, or call it")
