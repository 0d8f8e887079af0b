from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class FormatterStopped(LoadingRule):
    """The formatter would have changed more than the layout.

    Before a file is written, the formatter reads its own text back and compares words, comments and meaning. Where they
    differ, it leaves the file as it is. That is the formatter's mistake: report it with the statement.
    """

    code = "FM199"
    why = "a formatter that changes what a query means would change features without a review"
