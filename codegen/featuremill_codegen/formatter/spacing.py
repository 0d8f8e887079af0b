"""Whether a space stands between two tokens on one line."""

from __future__ import annotations

from featuremill_codegen.formatter.blocks import Block, Element, first_token, is_word, last_token
from featuremill_codegen.formatter.comments import Token
from featuremill_codegen.formatter.keywords import SPACED
from featuremill_codegen.formatter.lexemes import Kind

_OPERATORS = frozenset(
    ["=", "==", "!=", "<>", "<", ">", "<=", ">=", "<=>", "+", "-", "*", "/", "%", "||", "&&", "|", "&", "^", "=>", "->"]
)


def gap(previous: Element, following: Element) -> bool:
    """Whether there is a space between two elements."""
    left, right = last_token(previous), first_token(following)
    if right.text in (",", ";") and right.kind is Kind.SYMBOL:
        return False
    if "." in (left.text, right.text) or right.text.startswith(".") or "::" in (left.text, right.text):
        return not right.glued and (Kind.NUMBER in (left.kind, right.kind))
    if isinstance(following, Block) and not following.is_case:
        return _gap_before_block(previous, following)
    closes = isinstance(previous, Block) or (left.text == "*" and left.unary)
    if left.unary and left.text != "*":
        return right.kind is Kind.SYMBOL and right.text not in ("(", "*")
    if left.kind is Kind.SYMBOL and right.kind is Kind.SYMBOL and not right.unary and not closes:
        return not right.glued
    if _is_odd(left) or _is_odd(right):
        return not right.glued
    if left.kind is Kind.STRING and right.kind is Kind.STRING:
        return not right.glued
    return True


def _gap_before_block(previous: Element, following: Block) -> bool:
    if following.open.text == "<":
        return False
    if following.open.text == "[":
        return isinstance(previous, Token) and (previous.text in _OPERATORS or previous.word in SPACED)
    if isinstance(previous, Block):
        return True
    if previous.unary and previous.text != "*":
        return False
    if previous.kind is Kind.SYMBOL:
        return previous.text in _OPERATORS or not following.open.glued
    if previous.kind in (Kind.STRING, Kind.NUMBER, Kind.HINT):
        return True
    if previous.word == "TABLE":
        return bool(following.content) and is_word(following.content[0], "SELECT", "WITH", "VALUES")
    return previous.word in SPACED


def _is_odd(token: Token) -> bool:
    return (
        token.kind is Kind.SYMBOL and token.text not in _OPERATORS and token.text not in ("(", ")", "[", "]", "~", "!")
    )
