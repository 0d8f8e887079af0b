"""Free TCP ports on the loopback interface, held for the whole run so that two runs never meet."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import TextIO

# Below the range that the kernel hands out to outgoing connections (from 32768 on Linux): a port that nobody
# listens on yet can't be taken by a connection that leaves.
FIRST, LAST = 20000, 32000


class Ports:
    """Hands out ports, each at most once among all runs of this machine's user.

    A port is claimed by a lock on a file of its own, which the kernel releases when this process ends, however it
    ends. The program that is to listen there is started later, so a port that is merely free now would not do.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.gettempdir()) / f"featuremill-ports-{os.getuid()}"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._claims: list[TextIO] = []

    def take(self) -> int:
        """A port that nothing listens on and no other run has taken. Raises `OSError` if there is none."""
        for _ in range(1000):
            port = random.randint(FIRST, LAST)
            claim = open(self._folder / str(port), "w")  # noqa: SIM115 - held open as the claim
            try:
                fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", port))
            except OSError:
                claim.close()
                continue
            self._claims.append(claim)
            return port
        raise OSError(f"no free TCP port between {FIRST} and {LAST}")

    def release(self) -> None:
        """Give all of them back."""
        for claim in self._claims:
            claim.close()
        self._claims.clear()
