from __future__ import annotations

import re
from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BOTH, Rule
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.variables import VARIABLE

_HOST = re.compile(r"bootstrap[.-]servers|(^|[.-])(url|uri|host|hosts|hostname|nodes|endpoint)$", re.I)
_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?!/)[^/\s]+", re.I)


class LiteralHost(Rule):
    """The address of a server written into SQL.

    The same SQL runs on a laptop, in a test and in production, each with servers of its own; the environment names
    them by variables. Options of tables are looked at, and a LOCATION that begins with `hdfs://host` or `s3://bucket`.
    """

    code = "FM502"
    why = "a test or a laptop would read from production, and a server that moves needs a change of every pipeline"
    modes = BOTH

    def check(self, subject: Subject) -> Iterator[Finding]:
        for table in subject.tables:
            for key, option in table.options.items():
                if VARIABLE.search(option.value) or not option.value:
                    continue
                if _HOST.search(key) or _URL.match(option.value):
                    message = f"'{key}' names a server: this would run in one place only."
                    example = "WAREHOUSE" if subject.pipeline.mode == "batch" else "KAFKA_BOOTSTRAP_SERVERS"
                    help = f"write '${{{example}}}' or another variable"
                    yield table.statement.finding(self.code, message, option.value_node, help=help)
