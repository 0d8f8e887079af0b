"""From a place in a statement's text, as Flink tells it, to the place in the person's own file."""

from __future__ import annotations

from featuremill_codegen.statements import Statement

LINES_BEFORE_THE_QUERY = 1
"""run.py puts the query behind a line of its own: `CREATE TEMPORARY VIEW feature_query AS`."""


def start_of(statement: Statement) -> int:
    """Where the statement's verbatim text begins in its file."""
    end = statement.tokens[-1].end + 1
    return statement.source.text.index(statement.text, max(0, end - len(statement.text)))


def offset(statement: Statement, line: int, column: int, lines_before: int = 0) -> int | None:
    """Where line and column of the rendered statement, both from 1, are in the file; None for what isn't in it.

    Java counts UTF-16 units, so a letter beyond the first plane is two columns.
    """
    lines = statement.text.split("\n")
    index = line - 1 - lines_before
    if not 0 <= index < len(lines):
        return None
    before = sum(len(each) + 1 for each in lines[:index])
    return start_of(statement) + before + _characters(lines[index], column - 1)


def _characters(line: str, units: int) -> int:
    """How many characters of the line so many UTF-16 units are."""
    count = 0
    for char in line:
        if units <= 0:
            break
        units -= 2 if ord(char) > 0xFFFF else 1
        count += 1
    return count
