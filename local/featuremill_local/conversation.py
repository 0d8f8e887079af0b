"""Talking to a process that keeps a JVM warm: an order, a JSON object in a line, and one line as the answer."""

from __future__ import annotations

import json
import select
from collections.abc import Mapping
from typing import Any

from featuremill_local.processes import PartError, Process


class TimeOver(Exception):
    """Something did not end in its time. The text is what it was waiting for."""


class Conversation:
    """One process, started with `converse`. `name` is what messages call it, `slow` what it is waited for."""

    def __init__(self, process: Process, name: str, slow: str) -> None:
        self._process = process
        self._name = name
        self._slow = slow

    def wait_until_ready(self, seconds: float) -> None:
        """Wait for its first line. Raises `PartError`."""
        try:
            self._answer(seconds)
        except TimeOver:
            message = f"waited {seconds:.0f} s for {self._name}; it said last:\n{self._process.log_tail()}"
            raise PartError(message) from None

    def ask(self, order: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Its answer. Raises `PartError` where it has ended, and `TimeOver`."""
        assert self._process.popen.stdin is not None
        try:
            self._process.popen.stdin.write((json.dumps(order) + "\n").encode())
            self._process.popen.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended: so has the pipe of its answers, and that is told
        return self._answer(seconds)

    def _answer(self, seconds: float) -> dict[str, Any]:
        assert self._process.popen.stdout is not None
        # nothing is left in the pipe's buffer between two answers, so its descriptor tells of the next one
        if not select.select([self._process.popen.stdout], [], [], seconds)[0]:
            raise TimeOver(self._slow)
        line = self._process.popen.stdout.readline()
        if not line:
            self._process.popen.wait()
            raise PartError(f"{self._name} ended; it said last:\n{self._process.log_tail()}")
        answer: dict[str, Any] = json.loads(line)
        return answer
