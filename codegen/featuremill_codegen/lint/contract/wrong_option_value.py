from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.catalogue.options import of_table, value_problem
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.variables import VARIABLE


class WrongOptionValue(Rule):
    """An option's value that can't be read as what the option takes.

    A number, a duration (`1 min`), a size (`64 mb`), true or false, or one of the words that the connector names. A
    value with a variable in it is known when the job starts, so it is not looked at.
    """

    code = "FM126"
    why = 'the job would end at its start with "Invalid value for option"'

    def check(self, subject: Subject) -> Iterator[Finding]:
        for table in subject.tables:
            known = of_table(table)
            for key, option in table.options.items() if known is not None else ():
                kind = known.get(key) if known is not None else None
                if kind is None or VARIABLE.search(option.value):
                    continue
                problem = value_problem(option.value, kind)
                if problem is not None:
                    message = f"'{option.value}' is no value of '{key}'."
                    yield table.statement.finding(self.code, message, option.value_node, help=problem)
