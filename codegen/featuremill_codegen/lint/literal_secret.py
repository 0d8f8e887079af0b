from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.variables import VARIABLE

_SECRET = re.compile(
    r"password|passwd|secret|token|credential|api[.-]?key|access[.-]?key|sasl\.jaas\.config|basic-auth", re.I
)


class LiteralSecret(Rule):
    """A password or key written into SQL.

    Whoever reads the repository, the package, the plan or Flink's UI reads it too, and it stays in git for ever.
    Secrets come from the machine's environment, by a variable.
    """

    code = "FM501"

    def check(self, pipeline: Pipeline) -> Iterator[Finding]:
        for table in pipeline.tables:
            for key, option in table.options.items():
                if _SECRET.search(key) and option.value and not VARIABLE.search(option.value):
                    name = re.sub(r"\W+", "_", key.removeprefix("properties.")).upper()
                    message = f"'{key}' looks like a secret, and stands here in plain text."
                    help = f"write '${{{name}}}', and change the secret: it has been seen"
                    finding = table.statement.finding(self.code, message, option.key_node, help=help)
                    yield replace(finding, source_line=_without_value(finding))


def _without_value(finding: Finding) -> str:
    """The line up to the key: findings are printed into logs, where the secret has no place."""
    return f"{finding.source_line[: finding.column - 1 + finding.length]} = '…'"
