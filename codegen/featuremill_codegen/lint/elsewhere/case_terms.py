from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class CaseTerms(LoadingRule):
    """A `case.yaml` that can't be read.

    It says what is special about a case: `order_matters: <reason>` where another order of the rows gives other
    features, and `duplicates: [<table>]` for tables whose rows may come twice. Most cases of
    streams need none; that of a batch says the day and the query's other variables: `variables: {dt: 2013-06-01}`.
    So does that of a stream which shall go through a twin that is a batch.
    """

    code = "FM640"
    why = "a mistyped word would leave the other orders unchecked, or allow what nobody meant to allow"
