"""Ends the runs of this clone that are held up, and waits until nothing of them is left."""

from __future__ import annotations

import os
import signal
import time

from rich.console import Console
from rich.text import Text

from featuremill_local.processes import POLL_SECONDS, PartError
from featuremill_local.runs import is_alive, running

END_SECONDS = 30.0


def end_runs(console: Console) -> int:
    """End every run of this clone; exit code 0, also when there was none. Raises `PartError` if one won't end."""
    found = running()
    if not found:
        console.print("nothing is up")
        return 0
    for run in found:
        try:
            os.kill(run.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass  # its guardian is cleaning up
    deadline = time.monotonic() + END_SECONDS
    for run in found:
        while is_alive(run.run):
            if time.monotonic() > deadline:
                raise PartError(f"{run.run} (process {run.pid}) did not end within {END_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)
        console.print(Text(f"ended {run.run}"))
    return 0
