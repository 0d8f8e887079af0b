"""A planner in a child process, seen from the tool environment: see `planner_job.py` and `spark_job.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from featuremill_local.conversation import Conversation, TimeOver
from featuremill_local.processes import PartError, Process, Processes

START_SECONDS = 120.0
ANSWER_SECONDS = 60.0
T = TypeVar("T")


class Planner:
    """One JVM that plans statements and runs nothing. It is asked one question at a time."""

    def __init__(self, name: str, processes: Processes, launch: Callable[[], Process]) -> None:
        """`launch` starts its process, also in the place of one that died; `name` is what messages call it."""
        self._name = name
        self._processes = processes
        self._launch = launch
        self._process: Process | None = None
        self._conversation: Conversation | None = None
        self._ready = False

    def start(self) -> None:
        """Start it; the first question waits for it."""
        self._process = self._launch()
        self._conversation = Conversation(self._process, self._name, self._name)
        self._ready = False

    def wait_until_ready(self) -> None:
        """Wait until it is warm. Raises PartError."""
        if not self._ready:
            self._hear(lambda talk: talk.wait_until_ready(START_SECONDS))
            self._ready = True

    def ask(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to an order, as the job has it. Raises PartError where the JVM ends or hangs."""
        self.wait_until_ready()
        return self._hear(lambda talk: talk.ask(order, ANSWER_SECONDS))

    def _hear(self, what: Callable[[Conversation], T]) -> T:
        assert self._conversation is not None
        try:
            return what(self._conversation)
        except TimeOver:
            self._begin_anew()
            raise PartError(f"waited {ANSWER_SECONDS:.0f} s for {self._name}") from None
        except PartError:
            self._begin_anew()
            raise

    def end(self) -> None:
        """Kill it, with whatever it is doing."""
        assert self._process is not None
        self._processes.end(self._process)

    def _begin_anew(self) -> None:
        """Give up this JVM, and start one for the next question."""
        self.end()
        self.start()
