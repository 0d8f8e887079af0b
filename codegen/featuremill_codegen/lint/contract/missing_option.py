from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.catalogue.options import of_table
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.subject import Subject


class MissingOption(Rule):
    """An option that the connector or format can't do without.

    Required options are those that the factories name, and those that they ask for when a table is made: a Kafka
    table has a `topic` or a `topic-pattern`, and a format.
    """

    code = "FM127"
    why = 'the job would end at its start with "One or more required options are missing"'

    def check(self, subject: Subject) -> Iterator[Finding]:
        for table in subject.tables:
            known = of_table(table)
            if known is None:
                continue
            node = table.options["connector"].value_node
            for names in known.required:
                if not any(name in table.options for name in names):
                    wanted = " or ".join(f"'{name}'" for name in names)
                    message = f"A table of the connector '{table.connector}' needs {wanted}."
                    yield table.statement.finding(self.code, message, node, help=f"add '{names[0]}' = '…'")
