"""Says what is being waited for, where that takes more than two seconds."""

from __future__ import annotations

import threading
import time

from rich.console import Console

PATIENCE_SECONDS = 2.0


class Waiting:
    """A context manager; `now` says what is being done, and is shown when the patience is over."""

    def __init__(self, console: Console) -> None:
        self._status = console.status("")
        self._console = console
        self._began = time.monotonic()
        self._timer = threading.Timer(PATIENCE_SECONDS, self._show)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._text = ""
        self._shown = False

    def __enter__(self) -> Waiting:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            if self._shown:
                self._status.stop()
            self._shown = False

    def now(self, text: str) -> None:
        """Something new is being done."""
        with self._lock:
            self._text = text
            if self._shown:
                self._say()

    def _show(self) -> None:
        with self._lock:
            self._shown = True
            if self._console.is_terminal:
                self._status.start()
            self._say()

    def _say(self) -> None:
        if self._console.is_terminal:
            self._status.update(self._text)
        else:
            self._console.print(f"{time.monotonic() - self._began:6.1f} s  {self._text}")
