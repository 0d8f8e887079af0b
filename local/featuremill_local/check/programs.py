"""What asking about a package's run.py takes in either engine: its program run up to `main`, and what it refuses.

Used in the environments of the engines, by `planner_job.py` (Flink) and `spark_job.py` (Spark).
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

Ask = Callable[[dict[str, Any], Mapping[str, Any]], dict[str, Any]]
"""From a program's names and the order to the answer. Raises Refused."""


class Refused(Exception):
    """A statement that the engine refuses, or functions that can't be imported: where, and what was said.

    `details` are what the engine tells of it beside the text.
    """

    def __init__(self, stage: str, said: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(said)
        self.stage = stage
        self.details = dict(details or {})


@contextlib.contextmanager
def stage(name: str, details: Callable[[Exception], Mapping[str, Any]] = lambda _: {}) -> Iterator[None]:
    """Turn what is raised inside into Refused."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stderr(printed):
            yield
    except SystemExit:
        raise Refused(name, printed.getvalue().strip()) from None
    except Exception as error:
        if not type(error).__module__.startswith(("py4j.", "pyflink.", "pyspark.")):
            raise
        raise Refused(name, str(error), details(error)) from None


def answer(order: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    """The answer about one package; it finds the order's variables in its environment. What it prints is logged."""
    before, modules = dict(os.environ), set(sys.modules)
    package = Path(order["package"])
    os.environ.update(order["variables"])
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return ask(runpy.run_path(str(package / "run.py")), order)
    except Refused as refused:
        return {"stage": refused.stage, "error": str(refused), **refused.details}
    finally:
        os.environ.clear()
        os.environ.update(before)
        # run.py put its folder on the path, and another package's module of the same name must not be taken for its
        sys.path[:] = [each for each in sys.path if each != str(package)]
        for name in set(sys.modules) - modules:
            module = sys.modules[name]
            file = None if isinstance(module, NotInstalled) else getattr(module, "__file__", None)
            if isinstance(module, NotInstalled) or str(file).startswith(str(package)):
                del sys.modules[name]


class NotInstalled(ModuleType):
    """Stands in for a module of requirements.txt: nothing of it is called, since no function is. Any name is in it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> NotInstalled:
        if name.startswith("__"):
            raise AttributeError(name)
        return NotInstalled(name)

    def __call__(self, *_: object, **__: object) -> NotInstalled:
        """What a decorator or a constant of the module would be."""
        return NotInstalled("value")


def import_functions(program: Mapping[str, Any], attempt: Callable[[], Any]) -> Any:
    """What `attempt` gives, which imports the Python functions, whether or not requirements.txt is installed here."""
    has_requirements = (program["HERE"] / "requirements.txt").exists()
    while True:
        try:
            with stage("functions"):
                return attempt()
        except Refused as refused:
            missing = re.search(r"No module named '([\w.]+)'", str(refused))
            if missing is None or missing[1] in sys.modules or not has_requirements:
                raise
            sys.modules[missing[1]] = NotInstalled(missing[1])


def own_lines(statement: str) -> str:
    """The statement from its own first line on: in a run.py, one of several lines begins behind the opening quotes."""
    return statement.removeprefix("\n")
