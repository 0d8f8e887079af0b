from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.catalogue.reserved import reserved_words
from featuremill_codegen.errors import Edit, Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.streaming.clocks import clock_name
from featuremill_codegen.lint.subject import Subject

_UNIT_FIRST = frozenset({"TIMESTAMPADD", "TIMESTAMPDIFF"})


class ReservedWord(Rule):
    """A word of Flink's own as a bare name.

    Flink's parser keeps words such as `value`, `user`, `year` or `timestamp` for itself. In backticks they are names
    like any other. Which words these are Flink's parser says itself.
    """

    code = "FM405"
    why = "Flink's parser refuses the statement where the job starts, or reads a function where a column was meant"
    fixable = True

    def check(self, subject: Subject) -> Iterator[Finding]:
        reserved = reserved_words()
        for statement, name in subject.find_everywhere(exp.Identifier):
            start, word = name.meta.get("start"), name.name
            if word.upper() not in reserved or name.args.get("quoted") or start is None:
                continue
            if isinstance(name.parent, exp.Column) and (clock_name(name.parent) is not None or _is_unit(name.parent)):
                continue
            end = name.meta["end"] + 1
            if statement.source.text[start:end] != word:
                continue
            edits = (Edit(start, end, f"`{word}`"),)
            message = f"`{word}` is a word of Flink's own."
            yield finding_at(
                statement, self.code, message, (start, end), help=f"put it into backticks: `{word}`", edits=edits
            )


def _is_unit(column: exp.Column) -> bool:
    """Whether what looks like a column is the unit of `TIMESTAMPDIFF(DAY, …)`."""
    call = column.parent
    return isinstance(call, exp.Anonymous) and call.name.upper() in _UNIT_FIRST and call.expressions[0] is column
