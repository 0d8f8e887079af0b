"""Ends a run's processes when the run ends, however it ends.

Started once for each run, in a session of its own, so that no Ctrl-C and no closed terminal reaches it. It reads
orders from its standard input, the write end of which only the run's main process holds:

    add PGID        this process group belongs to the run
    remove PGID     it has ended and was reaped
    keep            leave the log folder when cleaning up

When the pipe closes (the run ended, was killed, or crashed) it kills every group that is left, waits until they are
gone, clears the data folder and ends. The data of a run is thrown away, so nothing needs a slow farewell.

Standard library alone; run as a script: `python guardian.py DATA_FOLDER`.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

KILL_SECONDS = 10.0


def kill_group(group: int) -> None:
    """Kill every process of the group; one that has gone is no error."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def is_running(group: int) -> bool:
    """True while a process of the group runs. A zombie that its parent has yet to reap does not count."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says so of a group of zombies
        return False
    status = Path(f"/proc/{group}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:  # no /proc here, or the leader was reaped before the rest of its group
        return True


def main(arguments: list[str]) -> int:
    """Follow the orders on standard input until it closes, then clean up."""
    data = Path(arguments[0])
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: list[int] = []
    keep = False
    for line in sys.stdin:
        order, _, value = line.strip().partition(" ")
        if order == "add":
            groups.append(int(value))
        elif order == "remove" and int(value) in groups:
            groups.remove(int(value))
        elif order == "keep":
            keep = True
    for group in groups:
        kill_group(group)
    deadline = time.monotonic() + KILL_SECONDS
    while any(is_running(group) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.02)
    for entry in data.iterdir() if data.is_dir() else ():
        if keep and entry.name == "logs":
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
    if not keep:
        shutil.rmtree(data, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
