from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.connectors import CONNECTORS, FORMAT_OPTIONS, FORMATS
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.names import did_you_mean


class UnknownConnector(Rule):
    """A table without a connector, or a connector or format whose jar isn't known.

    The package names the jars that a job needs, derived from 'connector' and 'format'. One that isn't known would end
    the job at its start with "Could not find any factory for identifier".
    """

    code = "FM121"
    why = "the job would end at its start, because no jar on the cluster answers to that name"
    can_be_silenced = False

    def check(self, subject: Subject) -> Iterator[Finding]:
        for table in subject.tables:
            for key in ("connector", *FORMAT_OPTIONS):
                known = CONNECTORS if key == "connector" else FORMATS
                option = table.options.get(key)
                if option is not None and option.value not in known:
                    kind = "connector" if key == "connector" else "format"
                    message = f"There is no known jar for the {kind} '{option.value}'."
                    help = did_you_mean(option.value, known)
                    yield table.statement.finding(self.code, message, option.value_node, help=help)
