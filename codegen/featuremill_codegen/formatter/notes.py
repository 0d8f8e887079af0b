"""Comments as parts of a document."""

from __future__ import annotations

from collections.abc import Sequence

from featuremill_codegen.formatter.blocks import Element, first_token
from featuremill_codegen.formatter.comments import Comment, Token
from featuremill_codegen.formatter.document import EMPTY, SPACE, Document, concat, own_line, text, trailing


def token_document(token: Token) -> Document:
    """A token with its comments."""
    parts = [*notes_before(token.before), text(token.text)]
    for comment in token.after:
        parts += [trailing(comment.text)] if comment.ends_line else [SPACE, text(comment.text)]
    return concat(parts)


def notes_before(comments: Sequence[Comment]) -> list[Document]:
    """Comments that stand before something."""
    parts: list[Document] = []
    for comment in comments:
        parts += [own_line(comment.text)] if comment.ends_line else [text(comment.text), SPACE]
    return parts


def take_last_notes(token: Token) -> list[Document]:
    """The comments before a closing bracket or END, each on a line of its own below what stands there."""
    notes = [own_line(comment.text) for comment in token.before]
    token.before = []
    return notes


def take_notes(elements: Sequence[Element]) -> Document:
    """The comments before the first of the elements, which has none then.

    They stand outside of the group that the elements make, which would not fit on one line for their sake else.
    """
    if not elements:
        return EMPTY
    token = first_token(elements[0])
    notes = notes_before(token.before)
    token.before = []
    return concat(notes)
