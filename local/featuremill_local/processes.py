"""The child processes of one run: each in a process group of its own, its output in a log file, its end assured."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from featuremill_local import guardian

POLL_SECONDS = 0.05


class PartError(Exception):
    """A part of the platform that did not start or ended too early. Its text is for a person."""


class Process:
    """One child process: `name` for messages, `log` where its output goes."""

    def __init__(self, name: str, popen: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.popen = popen
        self.log = log

    @property
    def pid(self) -> int:
        """Its process id, which is its process group's, too."""
        return self.popen.pid

    def log_text(self) -> str:
        """All that it has written so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def log_tail(self, lines: int = 8) -> str:
        """The last lines that it wrote, indented."""
        said = [line for line in self.log_text().splitlines() if line.strip()][-lines:]
        return "\n".join(f"  {line}" for line in said) or "  (it said nothing)"

    def wait_until(self, ready: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until `ready()`; raises `PartError` when the process ends first or the time is over."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.popen.poll() is not None:
                raise PartError(
                    f"{self.name} ended with exit code {self.popen.returncode} before {what}; it said:\n"
                    f"{self.log_tail()}\nhelp: its whole log is {self.log}"
                )
            if time.monotonic() > deadline:
                raise PartError(
                    f"{self.name}: waited {seconds:.0f} s for {what}; it said last:\n"
                    f"{self.log_tail()}\nhelp: its whole log is {self.log}"
                )
            time.sleep(POLL_SECONDS)


class Processes:
    """Starts children and ends them all: on `close()`, and by the guardian if this process dies without it."""

    def __init__(self, data: Path, keep_open: int | None = None) -> None:
        """`data` is the run's data folder; the guardian holds the descriptor `keep_open` open until it has ended."""
        self.data = data
        self.logs = data / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._running: list[Process] = []
        self._guardian = subprocess.Popen(
            [sys.executable, "-I", guardian.__file__, str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=() if keep_open is None else (keep_open,),
        )

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        converse: bool = False,
    ) -> Process:
        """Start a program in a process group of its own; its output goes to `logs/<name>.log`.

        With `converse` its standard input and output are pipes to this process, and only its errors are logged.
        """
        log = self.logs / f"{name}.log"
        with log.open("ab") as output, self._lock:
            popen = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.PIPE if converse else subprocess.DEVNULL,
                stdout=subprocess.PIPE if converse else output,
                stderr=output,
                env=dict(os.environ if env is None else env),
                cwd=self.data,
                start_new_session=True,
            )
            self._order(f"add {popen.pid}")
            process = Process(name, popen, log)
            self._running.append(process)
        return process

    def end(self, process: Process) -> None:
        """Kill a process with its whole group and reap it. One that has ended already is only reaped."""
        guardian.kill_group(process.pid)
        process.popen.wait()
        with self._lock:
            if process in self._running:
                self._running.remove(process)
                self._order(f"remove {process.pid}")

    def keep_logs(self) -> None:
        """Leave the log folder behind: something failed, and a person will want to read it."""
        self._order("keep")

    def close(self) -> None:
        """End every process, clear the data folder, and return when all of them are gone."""
        assert self._guardian.stdin is not None
        with self._lock:
            if not self._guardian.stdin.closed:
                self._guardian.stdin.close()
        self._guardian.wait()
        for process in self._running:
            process.popen.wait()
        self._running.clear()

    def _order(self, text: str) -> None:
        assert self._guardian.stdin is not None
        if not self._guardian.stdin.closed:
            self._guardian.stdin.write(f"{text}\n".encode())
            self._guardian.stdin.flush()
