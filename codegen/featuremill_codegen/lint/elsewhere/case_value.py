from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class CaseValue(LoadingRule):
    """A case's value that its column can't hold.

    A date is `"2013-01-31"`, a TIMESTAMP_LTZ `"2013-01-31T06:30:00Z"`, a TIMESTAMP the same without the `Z`; a number
    has no quotes. `@watermark`, `@idle` and `@kind` have their own places: see pipelines/README.md.
    """

    code = "FM603"
    why = "the case would show what the query makes of rows that production never sends"
