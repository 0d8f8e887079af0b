"""The far end of a conversation (`conversation.py`): a process with a warm JVM that follows orders.

An order is a JSON object in a line of standard input, its answer one in a line of standard output. The first answer,
`{"ready": true}`, says that the JVM is warm. What programs and the JVM log goes to standard error.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any, TextIO


def own_output() -> TextIO:
    """A descriptor for the answers alone: the JVM inherits descriptor 1, which becomes that of the log.

    To be called before the JVM starts.
    """
    own = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return own


def serve(orders: TextIO, answers: TextIO, follow: Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
    """Say that the JVM is warm, and follow the orders until they end."""

    def answer(value: Mapping[str, Any]) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    answer({"ready": True})
    for line in orders:
        answer(follow(json.loads(line)))
