"""Programs that make something ready (pip, Maven): run to their end, and ended with this process if it is stopped.

Standard library alone: nox imports this module before any environment exists.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_running: set[subprocess.Popen[str]] = set()
_lock = threading.Lock()
_stopping = False


@dataclass(frozen=True)
class Ended:
    """How a helper ended, and what it said on both of its outputs."""

    exit_code: int
    output: str


def run_helper(command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Ended:
    """Run a program to its end, in a process group of its own. Raises `OSError` if it can't be started."""
    with _lock:
        if _stopping:
            raise KeyboardInterrupt
        popen = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        _running.add(popen)
    try:
        output, _ = popen.communicate()
    except BaseException:
        _kill(popen)
        raise
    finally:
        with _lock:
            _running.discard(popen)
    return Ended(popen.returncode, output)


def end_helpers() -> None:
    """Kill every helper that still runs, and let no new one start: the process is about to end."""
    global _stopping
    with _lock:
        _stopping = True
        for popen in _running:
            _kill(popen)


def _kill(popen: subprocess.Popen[str]) -> None:
    try:
        os.killpg(popen.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
