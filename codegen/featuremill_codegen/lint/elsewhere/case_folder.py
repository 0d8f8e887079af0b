from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class CaseFolder(LoadingRule):
    """A case without rows or without an expectation.

    A case has a file of rows for at least one source table and an `expected.jsonl`, which may be empty. The names of
    its files are those of the tables. `expected.changelog.jsonl` needs a pipeline of one source table.
    """

    code = "FM605"
    why = "a case that expects nothing passes whatever the query does"
