"""Flink's own functions: names, numbers of arguments, kinds, and whether their answer is the same every time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Function:
    """A function. `least` and `most` are numbers of arguments; `most` None is any number, both None is not known."""

    kind: str
    least: int | None
    most: int | None
    deterministic: bool

    @property
    def is_open(self) -> bool:
        """Whether the number of arguments says nothing: it isn't known, or the arguments are tables."""
        return self.least is None or self.kind in ("table", "process table")

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        return self.least is None or (self.least <= count and (self.most is None or count <= self.most))

    def counts(self) -> str:
        """How many arguments it takes, in words.

        >>> Function("scalar", 1, 2, True).counts()
        '1 or 2 arguments'
        """
        if self.most is None:
            return f"{self.least} or more arguments"
        if self.least == self.most:
            return f"{self.most or 'no'} argument{'' if self.most == 1 else 's'}"
        return f"{self.least} {'or' if self.most - (self.least or 0) == 1 else 'to'} {self.most} arguments"


@cache
def functions() -> Mapping[str, Function]:
    """Every function by its name in upper case."""
    data = json.loads((Path(__file__).parent / "functions.json").read_text(encoding="utf-8"))["functions"]
    return {
        name: Function(each["kind"], each["min"], each["max"], each["deterministic"]) for name, each in data.items()
    }
