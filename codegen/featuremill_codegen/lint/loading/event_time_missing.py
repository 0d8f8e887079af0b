from __future__ import annotations

from featuremill_codegen.lint.rule import STREAM, LoadingRule


class EventTimeMissing(LoadingRule):
    """A query without `event_time`.

    `event_time` says when the values of a row were true. In a window that is `window_end`.
    """

    code = "FM111"
    modes = STREAM
    why = "without it a replayed row can't be told from a newer one, and readers can't be told how old a value is"
