from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class TypeNotVisible(LoadingRule):
    """A column whose type is not plain to see.

    A feature's type is derived from the query where that is certain. Where it isn't, a `CAST` in the query or
    `type:` in `feature.yaml` says it; the two must agree.
    """

    code = "FM113"
    why = "a type that nobody wrote down changes with the next edit, and readers would parse the old one"
