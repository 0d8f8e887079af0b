from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class UnknownName(LoadingRule):
    """A column or table that doesn't exist.

    Names are looked up in `source.sql` and in the views before. Flink tells `Page` and `page` apart, HiveQL doesn't.
    """

    code = "FM124"
    why = "the engine would refuse the job at its start, on the cluster instead of here"
