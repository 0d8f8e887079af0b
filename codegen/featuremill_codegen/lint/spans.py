"""Where things stand in a statement's text, from its tokens: sqlglot keeps the places of words, not of what they
open."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from featuremill_codegen.errors import Edit, Finding
from featuremill_codegen.statements import Statement, span

_OPEN = (TokenType.L_PAREN, TokenType.L_BRACKET)
_CLOSE = (TokenType.R_PAREN, TokenType.R_BRACKET)


def call_span(statement: Statement, node: exp.Expr) -> tuple[int, int] | None:
    """From a function's name to its closing bracket; None where the node has no place."""
    found = argument_span(statement, node)
    return (node.meta["start"], found[1] + 1) if found else None


def argument_span(statement: Statement, node: exp.Expr) -> tuple[int, int] | None:
    """What stands between a function's brackets; None where the node has no place or no brackets."""
    start = node.meta.get("start")
    if start is None:
        return None
    tokens = statement.tokens
    index = _index(statement, start) + 1
    if index >= len(tokens) or tokens[index].token_type is not TokenType.L_PAREN:
        return None
    close = _closing(tokens, index)
    return (tokens[index].end + 1, tokens[close].start) if close is not None else None


def word_before(statement: Statement, node: exp.Expr, word: str) -> Token | None:
    """The nearest `word` that opens a bracket around the node: the CAST of what is cast."""
    start, _ = span(node)
    if start is None:
        return None
    tokens = statement.tokens
    depth = 0
    for index in range(_index(statement, start) - 1, 0, -1):
        kind = tokens[index].token_type
        if kind in _CLOSE:
            depth += 1
        elif kind in _OPEN and depth:
            depth -= 1
        elif kind in _OPEN and tokens[index - 1].text.upper() == word:
            return tokens[index - 1]
    return None


def full_span(statement: Statement, node: exp.Expr) -> tuple[int, int] | None:
    """A node's span, its closing brackets with it: as many as are open at the end of its words."""
    start, end = span(node)
    if start is None or end is None:
        return None
    if isinstance(node, exp.Cast):
        return _cast_span(statement, node)
    tokens = statement.tokens
    depth = 0
    index = _index(statement, start)
    while index < len(tokens) and (tokens[index].start < end or depth > 0):
        kind = tokens[index].token_type
        depth += (kind in _OPEN) - (kind in _CLOSE)
        if depth < 0:
            break
        end = max(end, tokens[index].end + 1)
        index += 1
    return start, end


def finding_at(
    statement: Statement,
    code: str,
    message: str,
    place: tuple[int, int] | Token | exp.Expr | None,
    *,
    help: str = "",
    edits: tuple[Edit, ...] = (),
) -> Finding:
    """A finding at a span, a token or a node (the statement's first words for None), with the edits that mend it."""
    if isinstance(place, Token):
        place = place.start, place.end + 1
    if isinstance(place, exp.Expr):
        place = full_span(statement, place)
    if place is None:
        first = statement.tokens[0]
        place = first.start, first.end + 1
    finding = statement.source.finding(code, message, *place, help=help)
    return replace(finding, edits=edits) if edits else finding


def text_of(statement: Statement, node: exp.Expr) -> str:
    """The node as it is written, on one line; as the dialect prints it where it has no place."""
    place = full_span(statement, node)
    text = statement.source.text[slice(*place)] if place else node.sql(dialect="flink")
    return " ".join(text.split())


def _cast_span(statement: Statement, node: exp.Cast) -> tuple[int, int] | None:
    """From the word CAST, of which sqlglot keeps no place, to its closing bracket."""
    word = word_before(statement, node, "TRY_CAST" if isinstance(node, exp.TryCast) else "CAST")
    if word is None:
        return None
    close = _closing(statement.tokens, _index(statement, word.start) + 1)
    return (word.start, statement.tokens[close].end + 1) if close is not None else None


def _index(statement: Statement, start: int) -> int:
    """The index of the token that begins at `start`."""
    return bisect_left(statement.tokens, start, key=lambda token: token.start)


def _closing(tokens: tuple[Token, ...], index: int) -> int | None:
    depth = 0
    for place in range(index, len(tokens)):
        depth += (tokens[place].token_type in _OPEN) - (tokens[place].token_type in _CLOSE)
        if depth == 0:
            return place
    return None
