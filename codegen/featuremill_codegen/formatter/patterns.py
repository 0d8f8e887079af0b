"""`PATTERN (A B+? C)` of MATCH_RECOGNIZE: a language of its own, which stays as it is written."""

from __future__ import annotations

from collections.abc import Sequence

from featuremill_codegen.formatter.comments import Token
from featuremill_codegen.formatter.lexemes import Kind


def with_patterns_kept(source: str, tokens: Sequence[Token]) -> tuple[list[Token], set[str]]:
    """The tokens, each pattern with its brackets as one; and the names that the patterns use."""
    if not any(token.word == "MATCH_RECOGNIZE" for token in tokens):
        return list(tokens), set()
    kept: list[Token] = []
    names: set[str] = set()
    index = 0
    while index < len(tokens):
        begins = tokens[index].text == "(" and kept and kept[-1].word == "PATTERN"
        end = _closing(tokens, index) if begins else None
        if end is None:
            kept.append(tokens[index])
            index += 1
            continue
        first, last = tokens[index], tokens[end]
        pattern = Token(Kind.QUOTED, source[first.start : last.end], first.start, last.end, first.glued)
        pattern.before, pattern.after = first.before, last.after
        kept.append(pattern)
        names |= {token.text for token in tokens[index:end] if token.kind is Kind.WORD}
        index = end + 1
    return kept, names


def _closing(tokens: Sequence[Token], start: int) -> int | None:
    depth = 0
    for index in range(start, len(tokens)):
        if tokens[index].kind is Kind.SYMBOL:
            depth += {"(": 1, ")": -1}.get(tokens[index].text, 0)
            if depth == 0:
                return index
    return None
