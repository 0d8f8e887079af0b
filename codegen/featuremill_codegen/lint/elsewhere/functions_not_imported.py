from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class FunctionsNotImported(LoadingRule):
    """Python functions that can't be imported.

    To know a function's types, its file is imported, as it is when the job starts. No function is called. What the file
    imports must be in `requirements.txt`.
    """

    code = "FM608"
    why = "the job would end at its start, on the cluster instead of here"
