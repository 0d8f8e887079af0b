"""Statements of Flink SQL that a pipeline may not hold: each is known by its first words."""

from __future__ import annotations

from collections.abc import Sequence

_FIRST_TEXT = """
    ADD ALTER ANALYZE CALL CLEAR COMPILE DELETE DESC DESCRIBE DROP EXIT EXPLAIN HELP LOAD MERGE QUIT REMOVE SHOW STOP
    TRUNCATE UNLOAD UPDATE UPSERT USE
"""
_FIRST = frozenset(_FIRST_TEXT.split())
_CREATED = ("CATALOG", "CONNECTION", "DATABASE")
_WITH_OBJECT = ("ADD", "ALTER", "DROP", "LOAD", "REMOVE", "UNLOAD", "USE", "TRUNCATE", "ANALYZE", "STOP", "COMPILE")
_BETWEEN = ("OR", "REPLACE", "TEMPORARY", "SYSTEM", "IF", "NOT", "EXISTS")
_OBJECTS_TEXT = """
    CATALOG CONNECTION DATABASE FUNCTION JAR JOB MATERIALIZED MODEL MODULE MODULES PLAN TABLE VIEW
"""
_OBJECTS = frozenset(_OBJECTS_TEXT.split())


def refused_statement(words: Sequence[str]) -> str | None:
    """The name of a statement (`DROP TABLE`, `SHOW`) that a pipeline may not hold, by its first words in capitals."""
    if words[0] == "CREATE":
        made = next((word for word in words[1:] if word not in _BETWEEN), "")
        return f"CREATE {made}" if made in _CREATED else None
    if words[0] == "EXECUTE" and words[1:2] == ["PLAN"]:
        return "EXECUTE PLAN"
    if words[0] not in _FIRST or (len(words) > 1 and words[1] in ("=", ".")):
        return None
    made = next((word for word in words[1:] if word not in _BETWEEN), "")
    if made == "MATERIALIZED":
        made = "MATERIALIZED TABLE"
    return f"{words[0]} {made}" if words[0] in _WITH_OBJECT and made.split(" ")[0] in _OBJECTS else words[0]
