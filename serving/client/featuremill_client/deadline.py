"""How long a call may take, all that it asks for together."""

from __future__ import annotations

import time

from featuremill_client.errors import DeadlineExceeded


class Deadline:
    """So many seconds from now; None: for ever."""

    def __init__(self, timeout_s: float | None, request_id: str) -> None:
        self._request_id = request_id
        self._timeout_s = timeout_s
        self._end = None if timeout_s is None else time.monotonic() + timeout_s

    def left(self) -> float | None:
        """Seconds; raises DeadlineExceeded where there are none."""
        if self._end is None:
            return None
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeadlineExceeded(
                f"no answer within {self._timeout_s:g} s", request_id=self._request_id, code="DEADLINE_EXCEEDED"
            )
        return left
