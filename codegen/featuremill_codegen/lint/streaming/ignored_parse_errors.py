from __future__ import annotations

from collections.abc import Iterator

from sqlglot.tokenizer_core import TokenType

from featuremill_codegen.errors import Edit, Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.statements import Statement
from featuremill_codegen.tables import TableOption


class IgnoredParseErrors(Rule):
    """A format told to ignore what it can't read.

    `ignore-parse-errors` drops such messages in silence, and nulls what it can't read of others. Without it they become
    dead letters, which are counted and can be looked at.
    """

    code = "FM203"
    why = "a producer's mistake would empty the features, and nothing would count it or keep the bytes"
    fixable = True

    def check(self, subject: Subject) -> Iterator[Finding]:
        for table in subject.tables:
            for key, option in table.options.items():
                if key.endswith("ignore-parse-errors") and option.value.lower() != "false":
                    message = f"'{key}' drops messages in silence."
                    help = "leave it out: what can't be read becomes a dead letter, and the job goes on"
                    edits = _removal(table.statement, option)
                    yield finding_at(table.statement, self.code, message, option.key_node, help=help, edits=edits)


def _removal(statement: Statement, option: TableOption) -> tuple[Edit, ...]:
    """The edit that takes the option out, with the comma that it leaves behind; none where a comment is in the way."""
    text, tokens = statement.source.text, statement.tokens
    first = next(i for i, token in enumerate(tokens) if token.start == option.key_node.meta["start"])
    last = next(i for i, token in enumerate(tokens) if token.start == option.value_node.meta["start"])
    before, after = tokens[first - 1], tokens[last + 1]
    if after.token_type is TokenType.COMMA:
        start, end = tokens[first].start, tokens[last + 2].start
        gap = text[after.end + 1 : end]
    else:
        start, end = before.start, tokens[last].end + 1
        gap = text[before.end + 1 : tokens[first].start]
        if before.token_type is not TokenType.COMMA:
            return ()
    return () if gap.strip() else (Edit(start, end, ""),)
