"""A diagnostic command to a running JVM, as `jcmd` would give it: a runtime without the JDK has no `jcmd`."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

LISTENING_SECONDS = 10.0
POLL_SECONDS = 0.02


def ask_jvm(pid: int, command: str) -> str:
    """Have the JVM follow the command, `GC.run` for example; what it answered. Raises `OSError`."""
    place = Path("/tmp") / f".java_pid{pid}"
    if not place.exists():
        _make_listen(pid, place)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(place))
        # the protocol's version, the operation, and three arguments
        connection.sendall(b"".join(part + b"\0" for part in (b"1", b"jcmd", command.encode(), b"", b"")))
        answer = b""
        while data := connection.recv(1 << 16):
            answer += data
    code, _, text = answer.decode(errors="replace").partition("\n")
    if code != "0":
        raise OSError(f"the JVM refuses {command}: {text.strip() or code}")
    return text


def _make_listen(pid: int, place: Path) -> None:
    """A JVM that finds this file when it gets SIGQUIT opens the socket; without the file it would print its threads."""
    request = Path("/tmp") / f".attach_pid{pid}"
    request.touch(mode=0o600)
    try:
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + LISTENING_SECONDS
        while not place.exists():
            if time.monotonic() > deadline:
                raise OSError(f"the JVM {pid} takes no commands")
            time.sleep(POLL_SECONDS)
    finally:
        request.unlink(missing_ok=True)
