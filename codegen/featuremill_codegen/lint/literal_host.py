from __future__ import annotations

import re
from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.variables import VARIABLE

_HOST = re.compile(r"bootstrap[.-]servers|(^|[.-])(url|uri|host|hosts|hostname|nodes|endpoint)$", re.I)


class LiteralHost(Rule):
    """The address of a server written into SQL.

    The same SQL runs on a laptop, in a test and in production, each with servers of its own; the environment names
    them.
    """

    code = "FM502"

    def check(self, pipeline: Pipeline) -> Iterator[Finding]:
        for table in pipeline.tables:
            for key, option in table.options.items():
                if _HOST.search(key) and option.value and not VARIABLE.search(option.value):
                    message = f"'{key}' names a server: this would run in one place only."
                    help = "write '${KAFKA_BOOTSTRAP_SERVERS}' or another variable"
                    yield table.statement.finding(self.code, message, option.value_node, help=help)
