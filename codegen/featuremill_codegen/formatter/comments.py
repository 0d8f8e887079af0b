"""Comments given to the tokens that they precede or trail.

-- stands before `SELECT`
SELECT a,  -- trails the comma
  /* stands before b */ b
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from featuremill_codegen.formatter.lexemes import COMMENTS, Kind, Lexeme


@dataclass(slots=True)
class Comment:
    """A comment's text. `ends_line`: nothing may follow it on its line; `blank_before`: an empty line stands before."""

    text: str
    ends_line: bool
    blank_before: bool = False

    @property
    def is_line(self) -> bool:
        """Whether it is one to the end of the line, not a block."""
        return not self.text.startswith("/*")


@dataclass(slots=True)
class Token:
    """A token with its comments. `text` may be put into upper case, where it is a keyword; `word` always is."""

    kind: Kind
    text: str
    start: int
    end: int
    glued: bool
    blank_before: bool = False
    word: str = ""
    before: list[Comment] = field(default_factory=list)
    after: list[Comment] = field(default_factory=list)
    unary: bool = False
    """An operator with an operand behind it only; or a `*` that stands for columns."""

    @property
    def ends_line(self) -> bool:
        """Whether a comment behind it ends its line."""
        return bool(self.after) and self.after[-1].ends_line


_BREAKS_BEFORE = {"AND", "OR", "+", "-", "||", "*", "/", "%"}
_CLOSING = {",", ";", ")", "]"}


def attach(lexemes: Iterable[Lexeme]) -> tuple[list[Token], list[Comment]]:
    """The tokens with their comments, and the comments behind the last token's line."""
    tokens: list[Token] = []
    waiting: list[Lexeme] = []
    for lexeme in lexemes:
        if lexeme.kind in COMMENTS:
            waiting.append(lexeme)
            continue
        token = Token(lexeme.kind, lexeme.text, lexeme.start, lexeme.end, lexeme.glued, lexeme.newlines > 1)
        if lexeme.kind in (Kind.WORD, Kind.SYMBOL):
            token.word = lexeme.text.upper()
        _share(waiting, tokens[-1] if tokens else None, token, lexeme.newlines)
        waiting = []
        tokens.append(token)
    rest = Token(Kind.SYMBOL, "", 0, 0, False)
    _share(waiting, tokens[-1] if tokens else None, rest, 1)
    for previous, token in pairwise(tokens):
        _move(previous, token)
    for token, following in pairwise(tokens):
        if token.text == ",":
            following.before[:0] = token.before
            token.before = []
    return tokens, rest.before


def _share(waiting: list[Lexeme], previous: Token | None, following: Token, newlines: int) -> None:
    """Give the comments between two tokens to one of them; `newlines` is what stands between the last and the token."""
    runs: list[list[Lexeme]] = []  # comments on one line
    for lexeme in waiting:
        if not runs or lexeme.newlines or runs[-1][-1].kind is Kind.LINE_COMMENT:
            runs.append([])
        runs[-1].append(lexeme)
    for index, run in enumerate(runs):
        last = index == len(runs) - 1
        ends_line = not last or newlines > 0 or run[-1].kind is Kind.LINE_COMMENT
        trails = previous is not None and index == 0 and not run[0].newlines
        closes = following.text in _CLOSING
        if trails and previous is not None and (ends_line or closes):
            previous.after += _comments(run, ends_line)
        else:
            following.before += _comments(run, ends_line or closes)


def _comments(run: list[Lexeme], ends_line: bool) -> list[Comment]:
    return [
        Comment(
            each.text.rstrip() if each.kind is Kind.LINE_COMMENT else each.text,
            ends_line and each is run[-1],
            blank_before=each.newlines > 1,
        )
        for each in run
    ]


def _move(previous: Token, token: Token) -> None:
    """Commas stand at the ends of lines and operators at their beginnings, and a trailing comment behind them."""
    if previous.ends_line and (token.text == "," or (token.text == ";" and not token.before)):
        token.after[:0] = previous.after
        previous.after = []
    elif token.ends_line and token.word in _BREAKS_BEFORE and not token.before and not previous.after:
        previous.after = token.after
        token.after = []
