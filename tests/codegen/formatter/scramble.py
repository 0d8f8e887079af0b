"""The same statements, written otherwise: for properties that hold however a text was laid out."""

from __future__ import annotations

from collections.abc import Callable

from featuremill_codegen.formatter.lexemes import COMMENTS, Kind, Lexeme, Lexis, lexemes

TOUCHING = {".", ":", "::", "@", "$", "?", "{", "}", "<", ">"}


def scramble(text: str, lexis: Lexis, between: Callable[[bool], str]) -> str:
    """The text with what `between` gives in place of the whitespace between two tokens.

    `between` is told whether it may be nothing. Comments and what follows a semicolon keep the whitespace around them;
    so do tokens that would become others: `a .5`, `- -1`. Nothing comes before a hint: sqlglot takes a comment there
    for the hint.
    """
    parts: list[str] = []
    previous: Lexeme | None = None
    for lexeme in lexemes(text, lexis):
        if previous is None:
            parts.append(text[: lexeme.start])
        elif _keeps(previous, lexeme):
            parts.append(text[previous.end : lexeme.start])
        else:
            parts.append(between(lexeme.glued))
        parts.append(lexeme.text)
        previous = lexeme
    return "".join([*parts, text[previous.end :] if previous is not None else ""])


def comments(text: str, lexis: Lexis) -> list[str]:
    """The comments in order."""
    return [each.text.rstrip() for each in lexemes(text, lexis) if each.kind in COMMENTS]


def _keeps(previous: Lexeme, lexeme: Lexeme) -> bool:
    if previous.kind in COMMENTS or lexeme.kind in COMMENTS or previous.text == ";":
        return True
    if lexeme.kind is Kind.HINT or previous.kind is Kind.STRING is lexeme.kind:
        return True
    if not lexeme.glued:
        return False
    if previous.text in TOUCHING or lexeme.text in TOUCHING:
        return True
    return previous.kind is Kind.SYMBOL and lexeme.kind is Kind.SYMBOL and previous.text not in "()[],"
