from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class CaseExpectation(LoadingRule):
    """An expected row that no feature row can be.

    An expected row has `entity_key`, `event_time` and `features`, with every feature of the pipeline as text or null,
    once for each key. Values have the form that they have on the wire.
    """

    code = "FM604"
    why = "a case that expects what can't come fails for ever, or worse, is deleted"
