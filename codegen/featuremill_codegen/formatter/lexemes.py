"""A text cut into tokens and comments, every character of them kept; only the whitespace between them is left out.

The dialect's own tokenizer drops where comments stand, so the formatter has this one. That both see the same tokens is
checked behind every formatting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a lexeme is. HINT is `/*+ … */`, which stands at its place like a word."""

    WORD = "word"
    QUOTED = "quoted"
    STRING = "string"
    NUMBER = "number"
    SYMBOL = "symbol"
    HINT = "hint"
    LINE_COMMENT = "line comment"
    BLOCK_COMMENT = "block comment"


COMMENTS = (Kind.LINE_COMMENT, Kind.BLOCK_COMMENT)


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A token or comment and its place. `newlines` counts the line feeds between it and the lexeme before it."""

    kind: Kind
    text: str
    start: int
    end: int
    newlines: int
    glued: bool
    """Whether nothing stands between it and the lexeme before it."""


class LexicalError(ValueError):
    """Something begins at `start` and doesn't end."""

    def __init__(self, start: int) -> None:
        self.start = start
        super().__init__(f"unclosed at {start}")


@dataclass(frozen=True)
class Lexis:
    """How a dialect's text is cut: a pattern with a group for each kind, and whether block comments nest."""

    pattern: re.Pattern[str]
    nested_comments: bool


_SYMBOLS = r"<=>|<>|<=|>=|!=|==|=>|->|\|\||&&|::|."
_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\w*"
_QUOTED_NAME = r"`[^`]*(?:``[^`]*)*`"


def _lexis(*, line_comment: str, strings: str, unclosed: str, nested_comments: bool) -> Lexis:
    pattern = (
        r"(?P<space>\s+)"
        rf"|(?P<line>{line_comment})"
        r"|(?P<block>/\*)"
        rf"|(?P<string>{strings})"
        rf"|(?P<quoted>{_QUOTED_NAME})"
        rf"|(?P<unclosed>{unclosed})"
        rf"|(?P<number>{_NUMBER})"
        r"|(?P<word>(?:[\w$](?!\{)|\$\{[^{}\n]*\}|\w)+)"
        rf"|(?P<symbol>{_SYMBOLS})"
    )
    return Lexis(re.compile(pattern, re.DOTALL), nested_comments)


FLINK_LEXIS = _lexis(
    line_comment=r"(?:--|//)[^\n]*",
    strings=r"(?:[Uu]&|[NnXx]|_\w+)?'[^']*(?:''[^']*)*'",
    unclosed="['`]",
    nested_comments=False,
)
HIVE_LEXIS = _lexis(
    line_comment=r"--[^\n]*",
    strings=r"""[NnRrXx]?(?:'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*")""",
    unclosed="""['"`]""",
    nested_comments=True,
)

_KINDS = {
    "string": Kind.STRING,
    "quoted": Kind.QUOTED,
    "number": Kind.NUMBER,
    "word": Kind.WORD,
    "symbol": Kind.SYMBOL,
    "line": Kind.LINE_COMMENT,
}
_COMMENT_MARK = re.compile(r"/\*|\*/")


def lexemes(text: str, lexis: Lexis) -> Iterator[Lexeme]:
    """The text's lexemes in order. Raises LexicalError where a string, quoted name or comment doesn't end.

    >>> [each.text for each in lexemes("SELECT a-1 -- b", FLINK_LEXIS)]
    ['SELECT', 'a', '-', '1', '-- b']
    """
    position, newlines, glued = 0, 0, False
    while position < len(text):
        match = lexis.pattern.match(text, position)
        assert match is not None  # the last alternative is any character
        assert match.lastgroup is not None
        name, end = match.lastgroup, match.end()
        if name == "space":
            newlines, glued, position = match[0].count("\n"), False, end
            continue
        if name == "unclosed":
            raise LexicalError(position)
        if name == "block":
            end = _end_of_block(text, position, lexis.nested_comments)
            kind = Kind.HINT if text.startswith("/*+", position) else Kind.BLOCK_COMMENT
        else:
            kind = _KINDS[name]
        yield Lexeme(kind, text[position:end], position, end, newlines, glued)
        position, newlines, glued = end, 0, True


def _end_of_block(text: str, start: int, nested: bool) -> int:
    depth, position = 1, start + 2
    while depth:
        match = _COMMENT_MARK.search(text, position)
        if match is None:
            raise LexicalError(start)
        if match[0] == "*/":
            depth -= 1
        elif nested:
            depth += 1
        position = match.end()
    return position
