from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class CaseColumn(LoadingRule):
    """A case's row whose columns are not the table's.

    A row names every column of its table that isn't computed, those of METADATA too, and no other: a value that is left
    out by mistake would be a null that nobody meant.
    """

    code = "FM602"
    why = "the case would show what the query makes of rows that production never sends"
