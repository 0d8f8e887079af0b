"""Statements that a pipeline may not hold, recognised by their first words and refused by name."""

from __future__ import annotations

from typing import NamedTuple

from featuremill_codegen.dialect.refused import refused_statement
from featuremill_codegen.statements import Chunk


class Refusal(NamedTuple):
    """What is wrong, and where it belongs instead."""

    message: str
    help: str


def _words(chunk: Chunk) -> list[str]:
    return [token.text.upper() for token in chunk.tokens[:6]]


def _created(words: list[str]) -> str:
    """What a CREATE statement makes: TABLE, VIEW, FUNCTION …"""
    rest = [word for word in words[1:] if word not in ("OR", "REPLACE", "TEMPORARY", "SYSTEM")]
    return rest[0] if rest else ""


def of_source(chunk: Chunk) -> Refusal | None:
    """Why the statement may not stand in source.sql; None where it may."""
    words = _words(chunk)
    if words[0] == "CREATE" and _created(words) == "TABLE":
        return None
    return Refusal(f"{_statement_name(words)} doesn't belong in source.sql.", _instead(words))


def of_transform(chunk: Chunk) -> Refusal | None:
    """Why the statement may not stand in transform.sql; None where it may."""
    words = _words(chunk)
    if words[0] in ("SELECT", "WITH", "(", "VALUES") or (words[0] == "CREATE" and _created(words) == "VIEW"):
        return None
    return Refusal(f"{_statement_name(words)} doesn't belong in transform.sql.", _instead(words))


def _statement_name(words: list[str]) -> str:
    refused = refused_statement(words)
    if refused is not None:
        return refused
    if words[0] == "CREATE":
        return f"CREATE {_created(words)}".strip()
    return words[0] if words[0].isalpha() else f"A statement that begins with `{words[0]}`"


def _instead(words: list[str]) -> str:
    if words[0] in ("SELECT", "WITH", "("):
        return "the query stands in transform.sql"
    match words[0], _created(words):
        case (("INSERT" | "UPSERT"), _):
            return "write the query alone; the platform wraps it into an INSERT"
        case (("SET" | "RESET"), _):
            return "Flink settings stand in feature.yaml under `flink:`"
        case "CREATE", "TABLE":
            return "tables stand in source.sql"
        case "CREATE", "VIEW":
            return "views stand in transform.sql"
        case "CREATE", "FUNCTION":
            return "Python functions stand in udf_def.py and are found by their @udf"
    return "source.sql holds CREATE TABLE, transform.sql CREATE VIEW and one query"
