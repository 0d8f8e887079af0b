"""Holds a statement's tokens against Flink's grammar, before sqlglot makes a tree of them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from featuremill_codegen.dialect.grammar import GRAMMAR
from featuremill_codegen.dialect.recognizer import END_OF_WORDS, Recognizer
from featuremill_codegen.dialect.refused import refused_statement
from featuremill_codegen.dialect.reserved import RESERVED
from featuremill_codegen.dialect.sets import split_statements
from featuremill_codegen.dialect.tokens import FlinkTokenizer

_NAME, _TEXT, _HEX, _DIGITS, _DECIMAL = "a name", "a text", "a text of bytes", "1", "1.0"

_CLASSES = {
    TokenType.IDENTIFIER: _NAME,
    TokenType.STRING: _TEXT,
    TokenType.NATIONAL_STRING: _TEXT,
    TokenType.UNICODE_STRING: _TEXT,
    TokenType.HEX_STRING: _HEX,
}


MOST_NESTING = 60
"""Brackets and CASEs open at once. More is no SQL that a person wrote, and deep trees are dear to walk."""

MOST_TOKENS = 20_000
"""In one statement. More are data that went astray, and some of them would take sqlglot minutes."""

_STACK = 20_000
_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.CASE, TokenType.LT}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.END, TokenType.GT}


class StrictParser:
    """Parser part: takes a statement only if it is one of Flink's and a pipeline may hold it.

    Errors have a place, and as their `description` a whole sentence.
    """

    help = ""
    """The mend of the error that was raised, where there is one."""
    unquoted: Token | None = None
    """The word that the error is about, where backticks around it alone make the statement Flink SQL."""

    def parse(self, raw_tokens: list[Token], sql: str) -> list[exp.Expr | None]:
        this: Any = self
        statements = split_statements(raw_tokens)
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, _STACK))
        try:
            this.reset()
            this.sql = sql
            for statement in statements:
                self._refuse(statement)
            this._chunks = statements or [[]]
            parse_statement = type(this)._parse_statement
            trees: list[exp.Expr | None] = this._parse_batch_statements(parse_statement, sep_first_statement=False)
            return trees
        except RecursionError:
            this.raise_error("This statement is too deeply nested", raw_tokens[0])
            return [None]
        finally:
            sys.setrecursionlimit(limit)

    def _refuse(self, tokens: list[Token]) -> None:
        this: Any = self
        if len(tokens) > MOST_TOKENS:
            this.raise_error(f"This statement has more than {MOST_TOKENS} words", tokens[MOST_TOKENS])
        deep = too_deep(tokens)
        if deep is not None:
            this.raise_error(f"More than {MOST_NESTING} brackets are open here", deep)
        name = refused_statement([token.text.upper() for token in tokens[:6]])
        if name is not None:
            this.raise_error(f"{name} doesn't belong in a pipeline", tokens[0])
        mismatch = check(tokens)
        if mismatch is not None:
            self.help = mismatch.help
            self.unquoted = mismatch.token if mismatch.wants_backticks else None
            this.raise_error(mismatch.message, mismatch.token)


def too_deep(tokens: Sequence[Token]) -> Token | None:
    """The token that opens one bracket (or CASE) too many."""
    depth = 0
    for token in tokens:
        if token.token_type in _OPENING:
            depth += 1
            if depth > MOST_NESTING:
                return token
        elif token.token_type in _CLOSING:
            depth = max(0, depth - 1)
    return None


class Mismatch(NamedTuple):
    """The token that can't stand where it does, what is wrong in a sentence (without its full stop), and the mend."""

    token: Token
    message: str
    help: str = ""
    wants_backticks: bool = False


def check(tokens: Sequence[Token]) -> Mismatch | None:
    """Where the statement of these tokens stops being Flink SQL; None where it is."""
    words: list[str] = []
    places: list[Token] = []
    _fill(tokens, words, places, _keywords())
    words.append(END_OF_WORDS)
    found = _recognizer().mismatch("statement", words)
    if found is None:
        return None
    at, expected = found
    before = words[at - 1] if at else ""
    if before == "," and words[at] in _BEHIND_A_LIST:
        return Mismatch(places[at - 1], "There is nothing behind this comma", "remove it")
    place = _reserved(words, at, expected)
    if place is not None:
        name = places[place].text.split()[0]
        help = f"as a name it stands in backticks: `{name}`"
        certain = name == places[place].text and _fits_quoted(words, place)
        return Mismatch(places[place], f"`{name}` is a reserved word", help, certain)
    foreign = _foreign(places, at)
    if foreign is not None:
        return foreign
    wanted = _readable(expected)
    if at == len(places):
        return Mismatch(tokens[-1], "The statement ends too early" + (f": expected {wanted}" if wanted else ""))
    token = places[at]
    shown = token.text if len(token.text) <= _LONGEST_WORD else f"{token.text[:_LONGEST_WORD]}…"
    shown = f"'{shown}'" if words[at] in (_TEXT, _HEX) else f"`{shown.replace('`', '')}`"
    return Mismatch(token, f"Expected {wanted} before {shown}" if wanted else f"{shown} is not expected here")


def _reserved(words: Sequence[str], at: int, expected: frozenset[str]) -> int | None:
    """Where the reserved word is that was meant as a name: there, or before where it was read as a function's name."""
    for place in (at, at - 1):
        reserved = place >= 0 and words[place] in RESERVED and words[place] not in _CLAUSES
        if reserved and ("NAME" in expected if place == at else "(" in expected):
            return place
    return None


def _fits_quoted(words: Sequence[str], place: int) -> bool:
    """Whether the statement is Flink SQL once the reserved word there, and those like it behind, stand in backticks."""
    words = list(words)
    for _ in range(_MOST_RESERVED if len(words) < _LONGEST_MENDED else 0):
        words[place] = _NAME
        found = _recognizer().mismatch("statement", words)
        if found is None:
            return True
        following = _reserved(words, *found)
        if following is None or following <= place:
            return False
        place = following
    return False


def _foreign(places: Sequence[Token], at: int) -> Mismatch | None:
    """What Flink's parser would take and this dialect doesn't, by name: JDBC's `{fn …}`, and other texts."""
    token = places[at] if at < len(places) else None
    if token is not None and token.text == "{":
        return Mismatch(
            token, "`{…}` of JDBC is not taken", "write what stands inside alone: DATE '2024-01-31', UPPER(name)"
        )
    before = places[at - 1] if token is not None and at else None
    if token is None or before is None or token.token_type is not TokenType.STRING or before.end + 1 != token.start:
        return None
    if before.text.upper() == "E" or before.text.startswith("_"):
        message = f"`{before.text}'…'` is not taken: a text is '…' or U&'…'"
        return Mismatch(before, message, "write the characters themselves; U&'\\000A' is a line feed")
    return None


def _readable(expected: frozenset[str]) -> str:
    """The words that could stand, for a sentence; empty where they are too many to be of help."""
    if {"NAME", "NUMBER", "CASE"} <= expected:
        return "an expression"
    words = sorted(expected)
    if len(words) > _MOST_WORDS:
        words = [word for word in words if word in _TELLING]
    named = [_READABLE.get(word) or f"`{word}`" for word in words]
    if len(named) > _MOST_WORDS:
        return ""
    return " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


_MOST_WORDS, _LONGEST_WORD, _MOST_RESERVED, _LONGEST_MENDED = 4, 40, 20, 2_000
_READABLE = {"NAME": "a name", "TEXT": "a text", "HEX": "bytes", "NUMBER": "a number", "DIGITS": "a whole number"}
_TELLING = {"NAME", "TEXT", ")", "]", ","}
_BEHIND_A_LIST = {END_OF_WORDS, ",", ")", "]", ">", ";", "FROM", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT"}
_CLAUSES_TEXT = """
    ALL AND ARRAY AS ASC BETWEEN BY CASE CAST COMMENT CONSTRAINT CREATE CROSS DESC DISTINCT ELSE END EXCEPT EXISTS
    FALSE FETCH FOR FROM FULL GROUP HAVING IN INNER INSERT INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT
    MATCH_RECOGNIZE NOT NULL OFFSET ON OR ORDER OUTER OVER PARTITION PRIMARY QUALIFY RIGHT ROW SELECT SET TABLE THEN
    TRUE UNION UNIQUE UNNEST USING VALUES WATERMARK WHEN WHERE WINDOW WITH
"""
_CLAUSES = frozenset(_CLAUSES_TEXT.split())
"""Reserved words that nobody means as a name."""


def _fill(tokens: Iterable[Token], words: list[str], places: list[Token], keywords: frozenset[str]) -> None:
    for token in tokens:
        kind = token.token_type
        known = _CLASSES.get(kind)
        if known is not None:
            words.append(known)
        elif kind is TokenType.NUMBER:
            words.append(_DIGITS if token.text.isdecimal() else _DECIMAL)
        elif kind is TokenType.HINT:
            words.append("/*+")
            places.append(token)
            inner = FlinkTokenizer().tokenize(token.comments[0])
            begin = len(words)
            _fill(inner, words, places, keywords)
            places[begin:] = [token] * (len(words) - begin)
            words.append("*/")
        else:
            for word in token.text.upper().split():
                words.append(word if word in keywords or word in RESERVED or not _is_word(word) else _NAME)
                places.append(token)
            continue
        places.append(token)


def _is_word(text: str) -> bool:
    return text != "$" and (text[0].isalpha() or text[0] in "_$")


@cache
def _keywords() -> frozenset[str]:
    return frozenset(re.findall(r"\b[A-Z][A-Z_0-9]*\b", GRAMMAR)) - {"NAME", "TEXT", "HEX", "NUMBER", "DIGITS"}


@cache
def _recognizer() -> Recognizer:
    names = [_NAME, *(_keywords() - RESERVED)]
    classes = {"NAME": names, "TEXT": [_TEXT], "HEX": [_HEX], "DIGITS": [_DIGITS], "NUMBER": [_DIGITS, _DECIMAL]}
    return Recognizer(GRAMMAR, classes)
