"""Comments given to the tokens that they precede or trail.

-- stands before `SELECT`
SELECT a,  -- trails the comma
  /* stands before b */ b
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from featuremill_codegen.formatter.lexemes import COMMENTS, Kind, Lexeme


@dataclass(slots=True)
class Comment:
    """A comment's text. `ends_line`: nothing may follow it on its line; `blank_before`: an empty line stands before."""

    text: str
    ends_line: bool
    blank_before: bool = False


@dataclass(slots=True)
class Token:
    """A token with its comments. `text` may be put into upper case, where it is a keyword; `word` always is."""

    kind: Kind
    text: str
    start: int
    end: int
    glued: bool
    newlines: int = 0
    word: str = ""
    before: list[Comment] = field(default_factory=list)
    after: list[Comment] = field(default_factory=list)
    unary: bool = False
    """An operator with an operand behind it only; or a `*` that stands for columns."""

    @property
    def blank_before(self) -> bool:
        """Whether an empty line stands between it and what is before."""
        return self.newlines > 1

    @property
    def ends_line(self) -> bool:
        """Whether a comment behind it ends its line."""
        return bool(self.after) and self.after[-1].ends_line


_BREAKS_BEFORE = {"AND", "OR", "+", "-", "||", "*", "/", "%"}
_CLOSING = {",", ";", ")", "]", "END"}


def attach(lexemes: Iterable[Lexeme]) -> tuple[list[Token], list[Comment]]:
    """The tokens with their comments, and the comments behind the last token's line."""
    tokens: list[Token] = []
    waiting: list[Lexeme] = []
    for lexeme in lexemes:
        if lexeme.kind in COMMENTS:
            waiting.append(lexeme)
            continue
        token = Token(lexeme.kind, lexeme.text, lexeme.start, lexeme.end, lexeme.glued, lexeme.newlines)
        if lexeme.kind in (Kind.WORD, Kind.SYMBOL):
            token.word = lexeme.text.upper()
        _share(waiting, tokens[-1] if tokens else None, token, lexeme.newlines)
        waiting = []
        tokens.append(token)
    rest = Token(Kind.SYMBOL, "", 0, 0, False)
    _share(waiting, tokens[-1] if tokens else None, rest, 1)
    for previous, token, following in zip(tokens, tokens[1:], [*tokens[2:], rest], strict=False):
        if token.text == ",":
            _move_comma(previous, token, following)
        elif token.text == ";":
            _move_semicolon(previous, token)
        elif token.word in _BREAKS_BEFORE:
            _move_operator(previous, token)
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
        closes = following.word in _CLOSING
        if trails and previous is not None and (ends_line or closes):
            previous.after += [_comment(each, ends_line and each is run[-1]) for each in run]
        else:
            following.before += [_comment(each, ends_line or closes) for each in run]


def _comment(lexeme: Lexeme, ends_line: bool) -> Comment:
    text = lexeme.text.rstrip() if lexeme.kind is Kind.LINE_COMMENT else lexeme.text
    return Comment(text, ends_line or "\n" in text, blank_before=lexeme.newlines > 1)


def _move_comma(previous: Token, comma: Token, following: Token) -> None:
    """Commas stand at the ends of lines, before what trails there.

    What stood above one, or behind one that began its line, is about what follows.
    """
    if comma.before or (comma.after and (comma.newlines or previous.ends_line)):
        below = [*comma.before, *comma.after]
        for comment in below:
            comment.ends_line = True
        following.before[:0] = below
        comma.before = comma.after = []
    if previous.ends_line:
        comma.after, previous.after = previous.after, []


def _move_semicolon(previous: Token, semicolon: Token) -> None:
    if previous.ends_line and not semicolon.before and not semicolon.after:
        semicolon.after, previous.after = previous.after, []


def _move_operator(previous: Token, operator: Token) -> None:
    """Operators stand at the beginnings of lines: a comment behind one trails the line above."""
    two_sided = previous.kind is not Kind.SYMBOL or previous.text in (")", "]")
    if two_sided and operator.ends_line and not operator.before and not previous.after:
        previous.after, operator.after = operator.after, []
