from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class TtlBelowMaxAge(LoadingRule):
    """A time to live that is shorter than max_age.

    `max_age` is a promise to readers: beyond it they are told that a value is stale. `ttl` is when the value is
    gone. The order of the two is the point of having both.
    """

    code = "FM119"
    why = "a value would vanish while readers still count on it, without ever having been reported as stale"
