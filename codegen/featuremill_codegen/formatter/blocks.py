"""The light structure: what stands between brackets, in `ARRAY<…>`, and from CASE to END."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from featuremill_codegen.formatter.comments import Token
from featuremill_codegen.formatter.lexemes import Kind


@dataclass(slots=True)
class Block:
    """`(…)`, `[…]`, `<…>` of a type, or CASE … END."""

    open: Token
    content: list[Element] = field(default_factory=list)
    close: Token | None = None

    @property
    def is_case(self) -> bool:
        """Whether it is CASE … END."""
        return self.open.word == "CASE"


Element: TypeAlias = Token | Block

_CLOSES = {")": "(", "]": "[", ">": "<", "END": "CASE"}
_TYPES_WITH_PARTS = {"ARRAY", "MAP", "MULTISET", "ROW", "STRUCT", "UNIONTYPE"}
_BETWEEN_TYPES = {",", ":", "<", ">"}
_NEVER_IN_TYPES = {"AND", "OR", "THEN", "FROM", "WHERE", "WHEN", "ELSE", "END", "AS"}


class StructureError(ValueError):
    """A bracket without its partner, at `token`."""

    def __init__(self, token: Token) -> None:
        self.token = token
        super().__init__(f"no partner for {token.text}")


def blocks(tokens: Iterable[Token]) -> list[Element]:
    """The tokens, those between brackets put together. Raises StructureError where a bracket has no partner."""
    top: list[Element] = []
    open_blocks: list[Block] = []

    def here() -> list[Element]:
        return open_blocks[-1].content if open_blocks else top

    def give_up(*openings: str) -> None:
        """What seemed to be the beginning of a block is none: a `<` that compares, a CASE without END."""
        given_up: list[Block] = []
        while open_blocks and open_blocks[-1].open.word in openings:
            given_up.append(open_blocks.pop())
        for block in reversed(given_up):
            here().extend([block.open, *block.content])

    previous: Token | None = None
    for token in tokens:
        word = token.word
        if _never_in_types(token):
            give_up("<")
        opening = _CLOSES.get(word)
        if opening in ("(", "["):
            give_up("CASE", "<")
            if not open_blocks or open_blocks[-1].open.word != opening:
                raise StructureError(token)
        if opening is not None and open_blocks and open_blocks[-1].open.word == opening:
            block = open_blocks.pop()
            block.close = token
            here().append(block)
        elif word in ("(", "[") or word == "CASE" or (word == "<" and _is_type(previous)):
            open_blocks.append(Block(token))
        else:
            here().append(token)
        previous = token
    give_up("CASE", "<")
    if open_blocks:
        raise StructureError(open_blocks[-1].open)
    return top


def _never_in_types(token: Token) -> bool:
    if token.kind is Kind.SYMBOL:
        return token.text not in _BETWEEN_TYPES and token.text != "("
    return token.kind is Kind.NUMBER or token.word in _NEVER_IN_TYPES


def _is_type(token: Token | None) -> bool:
    return token is not None and token.word in _TYPES_WITH_PARTS


def first_token(element: Element) -> Token:
    """The token that an element begins with."""
    return element.open if isinstance(element, Block) else element


def last_token(element: Element) -> Token:
    """The token that an element ends with."""
    if isinstance(element, Block):
        assert element.close is not None
        return element.close
    return element


def is_word(element: Element | None, *words: str) -> bool:
    """Whether the element is one of these words or symbols."""
    return isinstance(element, Token) and element.word in words


def split(elements: Sequence[Element], separator: str) -> list[tuple[list[Element], Token | None]]:
    """The parts between separators, each with the separator behind it."""
    parts: list[tuple[list[Element], Token | None]] = []
    part: list[Element] = []
    for element in elements:
        if isinstance(element, Token) and element.text == separator:
            parts.append((part, element))
            part = []
        else:
            part.append(element)
    if part or not parts:
        parts.append((part, None))
    return parts
