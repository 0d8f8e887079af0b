from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class NoTextForm(LoadingRule):
    """A type without a text form, or a default that isn't of its type.

    Features are numbers, texts, booleans, dates, timestamps, bytes, and arrays, maps with text keys or rows of
    these.
    """

    code = "FM123"
    why = (
        "values travel as text: one without a text form can't be written, and a default that can't be parsed "
        "can't be read"
    )
