"""Waiting for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable

DEADLINE_S = 20.0
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.005, 0.05


def wait_until(condition: Callable[[], object], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Returns once the condition holds; fails by name when the deadline is past.

    What takes longer is looked at less often, as looking may be dear.
    """
    deadline = time.monotonic() + deadline_s
    pause_s = SHORTEST_PAUSE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {deadline_s:g} s: {what}"
        time.sleep(pause_s)
        pause_s = min(1.5 * pause_s, LONGEST_PAUSE_S)
