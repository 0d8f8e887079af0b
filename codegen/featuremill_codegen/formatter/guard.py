"""The net under the formatter: what it made must be the same statements, or the file is left alone."""

from __future__ import annotations

from dataclasses import dataclass

from featuremill_codegen.errors import PipelineError
from featuremill_codegen.formatter.engines import Engine, Read
from featuremill_codegen.formatter.lexemes import COMMENTS, Kind, Lexeme, LexicalError, Lexis, lexemes
from featuremill_codegen.source import SourceFile


@dataclass(frozen=True, slots=True)
class Change:
    """What formatting would change: `what` at an offset of the text before."""

    start: int
    what: str


def changed(source: SourceFile, read: Read, after: str, engine: Engine) -> Change | None:
    """What is another in `after` than in the source: a token, a comment, or a statement's meaning."""
    try:
        found = _first_difference(source.text, after, engine.lexis)
        if found is not None:
            return found
        new = engine.read(SourceFile(source.path, after))
    except LexicalError:
        return Change(0, "the end of a string or comment")
    except PipelineError as error:
        return Change(0, f"what parses ({error.findings[0].message.rstrip('.')})")
    if list(new.tokens) != list(read.tokens):
        return Change(0, "a token")
    for start, tree, other in zip(read.trees, read.trees.values(), new.trees.values(), strict=True):
        if tree != other:
            return Change(start, "the meaning of this statement")
    return None


def _first_difference(before: str, after: str, lexis: Lexis) -> Change | None:
    tokens, comments = _parts(before, lexis)
    new_tokens, new_comments = _parts(after, lexis)
    for what, old, new in (("the token", tokens, new_tokens), ("the comment", comments, new_comments)):
        for index, lexeme in enumerate(old):
            if index == len(new) or _folded(lexeme) != _folded(new[index]):
                return Change(lexeme.start, what)
        if len(new) > len(old):
            return Change(len(before.rstrip()) - 1, f"what follows {what}")
    return None


def _parts(text: str, lexis: Lexis) -> tuple[list[Lexeme], list[Lexeme]]:
    tokens: list[Lexeme] = []
    comments: list[Lexeme] = []
    for lexeme in lexemes(text, lexis):
        (comments if lexeme.kind in COMMENTS else tokens).append(lexeme)
    return tokens, comments


def _folded(lexeme: Lexeme) -> tuple[Kind, str]:
    """What may not change: all but a word's case and the spaces that end a comment's line."""
    if lexeme.kind is Kind.WORD:
        return lexeme.kind, lexeme.text.upper()
    if lexeme.kind is Kind.LINE_COMMENT:
        return lexeme.kind, lexeme.text.rstrip()
    return lexeme.kind, lexeme.text
