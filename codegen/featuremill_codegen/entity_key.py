"""The entity key: the entity's name and the key values, joined by `:`, escaped so that no value can pretend to be two.

In the values `%`, `:`, `{`, `}`, 0x00-0x1F and 0x7F become `%` and two upper-case hex digits; everything else stays. An
empty value counts as null, and a key with a null in it is null. `proto/entity-key.jsonl` is the fixture that all sides
share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from featuremill_codegen.types import SqlType

ESCAPED = "%:{}" + "".join(map(chr, range(0x20))) + "\x7f"
"""The characters that are escaped, `%` first: the others' escapes begin with one."""

PLAIN_TEST = r"[%:{}\x00-\x1F\x7F]"
"""A regular expression that finds a character that needs an escape (Java's and Python's syntax)."""

_A_LINE = 6


def escape(value: str) -> str:
    """The value as it stands in a key.

    >>> escape("a:b%")
    'a%3Ab%25'
    """
    return "".join(f"%{ord(char):02X}" if char in ESCAPED else char for char in value)


def entity_key(entity: str, values: Sequence[str | int | date | None]) -> str | None:
    """The key of these values; None where one of them is null or empty.

    >>> entity_key("user_item", ["u:1", 7])
    'user_item:u%3A1:7'
    """
    texts = ["" if value is None else str(value) for value in values]
    return ":".join([entity, *map(escape, texts)]) if all(texts) else None


def entity_key_sql(entity: str, keys: Sequence[str], types: Sequence[SqlType]) -> str:
    """Flink SQL of the entity key of these columns; null where one of them is null or empty.

    A plain value costs one match of a regular expression; only another one is put through the replacements.
    """
    parts = [_part_sql(f"`{key}`", kind) for key, kind in zip(keys, types, strict=True)]
    return "\n|| ".join([f"'{entity}'", *(f"':' || {part}" for part in parts)])


def _part_sql(column: str, kind: SqlType) -> str:
    if not kind.is_text:
        return f"CAST({column} AS STRING)"
    return f"""CASE
  WHEN {column} = '' THEN CAST(NULL AS STRING)
  WHEN NOT REGEXP({column}, '{PLAIN_TEST}') THEN {column}
  ELSE {replacements(column, _literal)}
END"""


def replacements(column: str, literal: Callable[[str], str]) -> str:
    """REPLACE(…REPLACE(column, '%', '%25')…, …), a few to a line; `literal` writes a character in a dialect."""
    steps = [f", {literal(char)}, '%{ord(char):02X}')" for char in ESCAPED]
    lines = ["".join(steps[start : start + _A_LINE]) for start in range(0, len(steps), _A_LINE)]
    calls = len(ESCAPED)
    opening = ["REPLACE(" * min(12, calls - start) for start in range(0, calls, 12)]
    return "\n    ".join([*opening, column + lines[0], *lines[1:]])


def _literal(char: str) -> str:
    return f"'{char}'" if char.isprintable() else f"U&'\\{ord(char):04X}'"
