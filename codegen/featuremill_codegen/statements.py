"""A SQL file cut into statements, each with its tree and its own text, comments kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from featuremill_codegen.dialect import Flink
from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.source import SourceFile

_MOST_NESTING = 200


@dataclass(frozen=True)
class Statement:
    """One statement. `text` is verbatim with the comments before it and without its semicolon."""

    source: SourceFile
    tokens: tuple[Token, ...]
    text: str
    tree: exp.Expr

    def finding(self, code: str, message: str, node: exp.Expr | None = None, *, help: str = "") -> Finding:
        """A finding at `node`, or at the statement's first words."""
        start, end = span(node) if node is not None else (None, None)
        if start is None:
            start, end = self.tokens[0].start, self.tokens[0].end + 1
        return self.source.finding(code, message, start, end, help=help)


def span(node: exp.Expr) -> tuple[int | None, int | None]:
    """Where a node stands in its file, as far as sqlglot kept places of its parts; (None, None) where it kept none."""
    places = [(each.meta["start"], each.meta["end"] + 1) for each in node.walk() if each.meta.get("start") is not None]
    if not places:
        return None, None
    return min(start for start, _ in places), max(end for _, end in places)


def tokenize(source: SourceFile) -> list[Token]:
    """The file's tokens. Raises PipelineError where a string, name or comment doesn't end."""
    try:
        return Flink().tokenize(source.text)
    except TokenError as error:
        start = _unclosed(source.text)
        if start is not None:
            finding = source.finding("FM101", "What begins here doesn't end.", start, help="is a quote missing?")
        else:
            finding = source.finding("FM101", "This can't be read as SQL.", min(error.end or 1, len(source.text)) - 1)
        raise PipelineError([finding]) from None


@dataclass(frozen=True)
class Chunk:
    """The tokens of one statement that is not parsed yet, and its verbatim text."""

    tokens: tuple[Token, ...]
    text: str


def cut(source: SourceFile) -> list[Chunk]:
    """The file's statements; empty ones are left out. Comments belong to the statement that follows them."""
    chunks: list[Chunk] = []
    tokens: list[Token] = []
    start = 0
    for token in tokenize(source):
        if token.token_type is not TokenType.SEMICOLON:
            tokens.append(token)
            continue
        if tokens:
            chunks.append(Chunk(tuple(tokens), source.text[start : token.start].strip()))
        tokens, start = [], token.end + 1
    if tokens:
        chunks.append(Chunk(tuple(tokens), source.text[start:].strip()))
    return chunks


def parse(source: SourceFile, chunk: Chunk) -> Statement:
    """The statement of these tokens. Raises PipelineError with the place of a syntax error."""
    tokens = list(chunk.tokens)
    _refuse_deep_nesting(source, tokens)
    _refuse_odd_neighbours(source, tokens)
    parser = Flink().parser(error_level=ErrorLevel.IMMEDIATE)
    try:
        trees = parser.parse(tokens, source.text)
    except ParseError as error:
        raise PipelineError([_as_finding(source, tokens, error)]) from None
    except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, IndexError, KeyError):
        message = "This statement can't be read."
        raise PipelineError([source.finding("FM101", message, tokens[0].start, tokens[0].end + 1)]) from None
    tree = trees[0] if trees else None
    if tree is None:
        message = "This statement can't be read."
        raise PipelineError([source.finding("FM101", message, tokens[0].start, tokens[0].end + 1)])
    return Statement(source, chunk.tokens, chunk.text, tree)


def _refuse_deep_nesting(source: SourceFile, tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        if token.token_type in (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.CASE):
            depth += 1
        elif token.token_type in (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.END):
            depth = max(0, depth - 1)
        if depth > _MOST_NESTING:
            message = f"More than {_MOST_NESTING} brackets are open here."
            raise PipelineError([source.finding("FM101", message, token.start, token.end + 1)])


def _refuse_odd_neighbours(source: SourceFile, tokens: list[Token]) -> None:
    """What sqlglot lets pass and Flink doesn't: a comma with nothing behind it, a name in "…"."""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        kind = following.token_type if following is not None else None
        if token.token_type is TokenType.COMMA and kind in _NO_ITEM:
            message = "There is nothing behind this comma."
            raise PipelineError([source.finding("FM101", message, token.start, token.end + 1, help="remove it")])
        start = token.start - 1
        if start >= 0 and source.text[start] == '"' and token.token_type is not TokenType.STRING:
            help = "write names in `…` and texts in '…'"
            raise PipelineError([source.finding("FM101", 'Flink SQL has no "…".', start, token.end + 2, help=help)])


_NO_ITEM = {
    None,
    TokenType.COMMA,
    TokenType.R_PAREN,
    TokenType.R_BRACKET,
    TokenType.FROM,
    TokenType.WHERE,
    TokenType.GROUP_BY,
}


def _as_finding(source: SourceFile, tokens: list[Token], error: ParseError) -> Finding:
    details = error.errors[0] if error.errors else {}
    place = details.get("line"), details.get("col")
    token = next((each for each in tokens if (each.line, each.col) == place), tokens[-1])
    description = str(details.get("description") or "")
    wanted = re.match(r"(?:Expecting|Expected) (.{1,60}?)(?: but got|$)", description)
    expected = wanted[1].replace("Expecting", "").strip() if wanted else ""
    if len(expected) == 1:
        expected = f"`{expected}`"
    if token is tokens[-1] and (expected or description.startswith("Required")):
        message = "The statement ends too early" + (f": expected {expected}." if expected else ".")
    elif expected:
        message = f"Expected {expected} before `{token.text[:40]}`."
    else:
        message = f"`{token.text[:40]}` is not expected here."
    return source.finding("FM101", message, token.start, token.end + 1)


_LEXEMES = re.compile(r"--[^\n]*|//[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|`[^`]*`|(?P<open>['`]|/\*)|.", re.DOTALL)


def _unclosed(text: str) -> int | None:
    """Where a string, name or comment begins that doesn't end."""
    return next((match.start() for match in _LEXEMES.finditer(text) if match["open"]), None)
