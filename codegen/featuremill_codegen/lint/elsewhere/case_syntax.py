from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class CaseSyntax(LoadingRule):
    """A line of a golden case that is not JSON.

    Each line of a file below `cases/` is one JSON object. The finding stands where the line stops being one.
    """

    code = "FM601"
    why = "a case that can't be read protects nothing"
