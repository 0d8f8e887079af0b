from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.pipeline import Pipeline


class IgnoredParseErrors(Rule):
    """A format told to ignore what it can't read.

    `ignore-parse-errors` drops such messages in silence, and nulls what it can't read of others. Without it they become
    dead letters, which are counted and can be looked at.
    """

    code = "FM203"

    def check(self, pipeline: Pipeline) -> Iterator[Finding]:
        for table in pipeline.tables:
            for key, option in table.options.items():
                if key.endswith("ignore-parse-errors") and option.value.lower() != "false":
                    message = f"'{key}' drops messages in silence."
                    help = "leave it out: what can't be read becomes a dead letter, and the job goes on"
                    yield table.statement.finding(self.code, message, option.key_node, help=help)
