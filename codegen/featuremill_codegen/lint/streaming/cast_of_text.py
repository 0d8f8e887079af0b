from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Edit, Finding
from featuremill_codegen.lint.rule import BOTH, Rule
from featuremill_codegen.lint.spans import finding_at, text_of, word_before
from featuremill_codegen.lint.subject import Subject


class CastOfText(Rule):
    """CAST of a text to something else.

    A text that isn't a number ends the job: `CAST('abc' AS INT)` throws, and the restarted job meets the same row
    again. TRY_CAST gives NULL. (Spark follows ANSI, so in a batch it is an error, too, and not NULL as in Hive.)
    """

    code = "FM204"
    why = "one odd row ends the job, and ends it again after every restart until somebody mends the data"
    fixable = True
    modes = BOTH

    def check(self, subject: Subject) -> Iterator[Finding]:
        for statement, cast in subject.find(exp.Cast):
            if _tries(subject, cast) or isinstance(cast.this, exp.Literal):
                continue
            source, target = subject.type_of(cast.this), subject.type_of(cast)
            if source is not None and source.is_text and target is not None and not target.is_text:
                message = f"A text that can't be read as {target} would end the job here."
                help = f"TRY_CAST({text_of(statement, cast.this)} AS {target}) gives NULL for it"
                word = word_before(statement, cast.this, "CAST")
                edits = (Edit(word.start, word.end + 1, "TRY_CAST"),) if word is not None else ()
                yield finding_at(statement, self.code, message, cast.this, help=help, edits=edits)


def _tries(subject: Subject, cast: exp.Cast) -> bool:
    """Whether it is a TRY_CAST; in sqlglot's Hive dialect every CAST is one, and those written so are marked."""
    if subject.pipeline.mode == "batch":
        return bool(cast.args.get("safe"))
    return isinstance(cast, exp.TryCast)
