"""About how many bytes a row takes in state, from its types: an estimate, and what it is made of.

A row is 8 bytes and 8 more for each column; a text is taken to be 16 characters, a collection 64 bytes beyond that.
What the state backend adds (a key's own bytes, an index, compression) is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

ROW, COLUMN, TEXT, COLLECTION = 8, 8, 16, 64
MADE_OF = (
    "a row is 8 bytes and 8 a column, a text 16 more, a collection 64 more; the backend's own overhead comes on top"
)
_TEXTS = ("CHAR", "VARCHAR", "STRING", "BINARY", "VARBINARY", "BYTES", "RAW")
_COLLECTIONS = ("ARRAY", "MAP", "MULTISET", "ROW", "STRUCTURED", "VARIANT")


def row_bytes(types: Iterable[str]) -> int:
    """The estimate for a row of these types, in Flink's words: `BIGINT NOT NULL`.

    >>> row_bytes(["STRING", "BIGINT NOT NULL"])
    40
    """
    return ROW + sum(map(_column_bytes, types))


def columns_of(output: Any) -> dict[str, str]:
    """The columns of a node's `outputType` and their types: Flink writes a text, or an object where there is time.

    >>> columns_of("ROW<`page` VARCHAR(2147483647), `n` DECIMAL(10, 2) NOT NULL> NOT NULL")
    {'page': 'VARCHAR(2147483647)', 'n': 'DECIMAL(10, 2) NOT NULL'}
    """
    if isinstance(output, dict):
        return {each["name"]: _type_text(each["fieldType"]) for each in output.get("fields", ())}
    return dict(_fields(output))


def _type_text(kind: Any) -> str:
    return str(kind["type"]) if isinstance(kind, dict) else str(kind)


def _fields(text: str) -> Iterable[tuple[str, str]]:
    """The fields of `ROW<`name` TYPE, …>`; a name may hold any sign but a single backtick."""
    inside = text[text.index("<") + 1 : text.rindex(">")]
    index = 0
    while index < len(inside):
        end = _end_of_name(inside, index)
        name = inside[index + 1 : end].replace("``", "`")
        stop = _end_of_type(inside, end + 1)
        yield name, inside[end + 1 : stop].strip()
        index = stop + 2


def _end_of_name(text: str, start: int) -> int:
    index = start + 1
    while text[index] != "`" or text[index : index + 2] == "``":
        index += 2 if text[index] == "`" else 1
    return index


def _end_of_type(text: str, start: int) -> int:
    """Where the comma behind a type is: one outside of brackets, quotes and backticks."""
    depth, quote = 0, ""
    for index in range(start, len(text)):
        char = text[index]
        if quote:
            quote = "" if char == quote else quote
        elif char in "`'":
            quote = char
        elif char in "<(":
            depth += 1
        elif char in ">)":
            depth -= 1
        elif char == "," and depth == 0:
            return index
    return len(text)


def _column_bytes(kind: str) -> int:
    root = kind.split("(")[0].split("<")[0].split()[0].upper() if kind else ""
    return COLUMN + (TEXT if root in _TEXTS else COLLECTION if root in _COLLECTIONS else 0)
