"""Shows what each part of a run is doing: a live list on a terminal, a line for each change elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

EVERY_SECONDS = 15.0


@dataclass
class Step:
    """One part's work: when it began and ended (seconds since the run began), and how.

    `told` is when something was last printed of it.
    """

    name: str
    began: float
    ended: float | None = None
    failed: bool = False
    note: str = ""
    told: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it took; 0 while it goes on."""
        return (self.ended - self.began) if self.ended is not None else 0.0


class Progress:
    """The steps of a run. A context manager; `step` may be entered from several threads at once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._spinner = Spinner("dots")
        self._live = Live(self, console=console, refresh_per_second=8, transient=False) if console.is_terminal else None
        self.steps: list[Step] = []

    def __enter__(self) -> Progress:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time one part's work and show it."""
        began = self.elapsed()
        step = Step(name, began, told=began)
        with self._lock:
            self.steps.append(step)
        try:
            yield step
        except BaseException:
            step.failed = True
            raise
        finally:
            step.ended = self.elapsed()
            if self._live is None:
                self._print(step)

    def go_on(self, step: Step, note: str) -> None:
        """Note how far a step is; where no live list shows it, print that now and then."""
        step.note = note
        if self._live is None and note and self.elapsed() - step.told >= EVERY_SECONDS:
            step.told = self.elapsed()
            self._console.print(Text(f"{step.told:6.1f} s  {step.name}: {note}"))

    def _print(self, step: Step) -> None:
        mark = "failed" if step.failed else "ready"
        self._console.print(
            Text(f"{self.elapsed():6.1f} s  {step.name}: {mark} after {step.seconds:.1f} s  {step.note}".rstrip())
        )

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        grid = Table.grid(padding=(0, 1))
        with self._lock:
            steps = list(self.steps)
        mark: Spinner | Text
        for step in steps:
            if step.ended is None:
                mark, seconds = self._spinner, self.elapsed() - step.began
            else:
                mark, seconds = (Text("✗", "red") if step.failed else Text("✓", "green")), step.seconds
            grid.add_row(mark, Text(step.name), Text(f"{seconds:5.1f} s", "dim"), Text(step.note, "dim"))
        yield grid
