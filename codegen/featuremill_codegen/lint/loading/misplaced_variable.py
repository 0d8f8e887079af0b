from __future__ import annotations

from featuremill_codegen.lint.rule import STREAM, LoadingRule


class MisplacedVariable(LoadingRule):
    """A variable outside of a text, or with a name that isn't one.

    `${NAME}` is filled in from the environment when the job starts, quoted as part of a text. So it can only
    stand between single quotes.
    """

    code = "FM104"
    modes = STREAM
    why = "the job would start with the text `${NAME}` itself, or not at all"
