"""How a command of ours ends early: in order, so that all that it started ends with it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

PARENT_POLL_SECONDS = 0.5
TERMINATED = 128 + signal.SIGTERM


def exit_on_sigterm() -> None:
    """Let SIGTERM raise `SystemExit` in the main thread, with the exit code that a shell would show."""
    signal.signal(signal.SIGTERM, _exit)


def _exit(_signal: int, _frame: object) -> None:
    sys.exit(TERMINATED)


def end_with_parent() -> None:
    """End with the process that started this one (nox), even when it is killed and can't say so."""
    parent = os.getppid()
    if os.environ.get("FEATUREMILL_PARENT") != str(parent):
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_POLL_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
