from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class KeyType(LoadingRule):
    """A key or an event time of a type that can't be one.

    A key is a STRING, an integer or a DATE; `event_time` a TIMESTAMP or a TIMESTAMP_LTZ.
    """

    code = "FM114"
    why = "a key or a time of another type has no single spelling, so rows of one entity would lie under several keys"
