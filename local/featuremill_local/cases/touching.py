"""The source rows that touched an entity's key, found by where the query's key columns come from."""

from __future__ import annotations

from itertools import product

from featuremill_codegen.entity_key import entity_key
from featuremill_codegen.pipeline import Pipeline

from featuremill_local.cases.json_lines import Line
from featuremill_local.cases.reading import Case, moves_time


def lines_of(pipeline: Pipeline, case: Case, key: str) -> list[tuple[str, Line]]:
    """The rows of this key with their file's name, and between them the lines that moved the time of their table.

    A row belongs to a key where the columns that the key is made of, one for each of its parts, hold its values. Where
    the query computes the key, no row is found.
    """
    found: list[tuple[str, Line]] = []
    for each in case.inputs:
        parts = _key_columns(pipeline, each.table.name)
        lines = [line for line in each.lines if moves_time(line) or _is_of(pipeline, line, parts, key)]
        if any(not moves_time(line) for line in lines):
            found += [(each.file, line) for line in lines]
    return found


def _key_columns(pipeline: Pipeline, table: str) -> list[list[str]]:
    """For each part of the key, the table's columns that it is made from."""
    origins = {output.column.name: output.column.origins for output in pipeline.columns}
    return [
        sorted(column for source, column in origins.get(part, ()) if source == table)
        for part in pipeline.config.entity.keys
    ]


def _is_of(pipeline: Pipeline, line: Line, parts: list[list[str]], key: str) -> bool:
    values = line.values()
    for columns in product(*parts):
        row = [values.get(column) for column in columns]
        if all(isinstance(value, str | int) for value in row) and entity_key(pipeline.config.entity.name, row) == key:
            return True
    return False
