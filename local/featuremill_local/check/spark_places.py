"""Stand-ins for a batch's variables, and from a place in a statement with them to the place in the person's file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from featuremill_codegen.hive.render import DAY as DAY_VARIABLE
from featuremill_codegen.hive.render import as_written
from featuremill_codegen.statements import Statement
from featuremill_codegen.variables import VARIABLE

from featuremill_local.check.sql_places import start_of

DAY = "2013-06-01"
"""The day that is asked about; which one it is makes no difference to a plan."""


def stand_ins(names: Iterable[str]) -> dict[str, str]:
    """A word for each variable, as lint reads them: it may be a name or stand in a text. Nothing of the environment is
    read, so no secret can reach a message.
    """
    return {name: f"v_{name}_" for name in names}


def span_in_file(statement: Statement, start: int, end: int, values: Mapping[str, str]) -> tuple[int, int]:
    """Where the characters `start` to `end` of the statement with these values are in its file.

    A place inside of a value is that of its variable.
    """
    text, base = as_written(statement), start_of(statement)
    first, last = _written(text, start, values)[0], _written(text, max(end - 1, start), values)[1]
    return base + first, base + max(last, first + 1)


def offset_of(text: str, line: int, position: int) -> int:
    """The character at a line (from 1) and a position in it (from 0); the text's end where it has none such.

    >>> offset_of("SELECT\\n  a", 2, 2)
    9
    """
    lines = text.split("\n")
    before = sum(len(each) + 1 for each in lines[: line - 1])
    return min(before + position, len(text))


def filled(statement: Statement, values: Mapping[str, str]) -> str:
    """The statement as Spark was given it."""
    return VARIABLE.sub(lambda found: values.get(found[1], found[0]), as_written(statement))


def all_values(names: Iterable[str]) -> dict[str, str]:
    """What stands for the variables, the day among them."""
    return stand_ins(names) | {DAY_VARIABLE: DAY}


def _written(text: str, offset: int, values: Mapping[str, str]) -> tuple[int, int]:
    """Where the filled text's character is in the text as it is written: its start and end, a variable's as a whole."""
    longer = 0
    for variable in VARIABLE.finditer(text):
        value = values.get(variable[1], variable[0])
        here = variable.start() + longer
        if offset < here:
            break
        if offset < here + len(value):
            return variable.span()
        longer += len(value) - len(variable[0])
    place = min(offset - longer, len(text) - 1)
    return place, place + 1
