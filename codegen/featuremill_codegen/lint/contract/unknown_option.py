from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.catalogue.options import of_table
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.names import nearest


class UnknownOption(Rule):
    """An option that the table's connector and format don't have.

    The options are those that the connector's and the format's own factories name. Flink refuses a table with any
    other; what a connector hands on (`properties.…` of Kafka) is not looked at.
    """

    code = "FM125"
    why = 'the job would end at its start with "Unsupported options found"'

    def check(self, subject: Subject) -> Iterator[Finding]:
        for table in subject.tables:
            known = of_table(table)
            if known is None:
                continue
            for key, option in table.options.items():
                if key in known:
                    continue
                message = f"The connector '{table.connector}' has no option '{key}' here."
                close = nearest(key, known.names)
                help = "did you mean " + " or ".join(f"'{each}'" for each in close) + "?" if close else "take it out"
                yield table.statement.finding(self.code, message, option.key_node, help=help)
