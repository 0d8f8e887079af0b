from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class TableName(LoadingRule):
    """A table or view that can't have its name or form.

    Names of tables and views are unique within a pipeline and none of the platform's own. A source table is a
    plain `CREATE TABLE`, so that a local run can give it other options.
    """

    code = "FM117"
    why = "two things of one name can't both be meant: the job would read the wrong one, or not start"
