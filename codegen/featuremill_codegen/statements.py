"""A SQL file cut into statements, each with its tree and its own text, comments kept."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from featuremill_codegen.dialect import Flink
from featuremill_codegen.dialect.flink import FlinkParser
from featuremill_codegen.dialect.sets import split_statements
from featuremill_codegen.errors import Edit, Finding, PipelineError
from featuremill_codegen.source import SourceFile

_MOST_TOKENS = 50_000


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


@dataclass(frozen=True, slots=True)
class View:
    """A view of transform.sql or transform.hql."""

    name: str
    statement: Statement


def span(node: exp.Expr) -> tuple[int | None, int | None]:
    """Where a node stands in its file, as far as sqlglot kept places of its parts; (None, None) where it kept none."""
    places = [(each.meta["start"], each.meta["end"] + 1) for each in node.walk() if each.meta.get("start") is not None]
    if not places:
        return None, None
    return min(start for start, _ in places), max(end for _, end in places)


def tokenize(source: SourceFile) -> list[Token]:
    """The file's tokens. Raises PipelineError where a string, name or comment doesn't end, or a sign isn't Flink's."""
    try:
        return Flink().tokenize(source.text)
    except TokenError as error:
        start = error.start or 0
        end = None
        help = "is a quote missing?" if source.text[start] in "'`/" else ""
        message = f"{error}."
        if source.text[start] == '"':
            message, help = 'Flink SQL has no "…".', "write names in `…` and texts in '…'"
            end = source.text.find('"', start + 1) + 1 or None
        raise PipelineError([source.finding("FM101", message, start, end, help=help)]) from None


@dataclass(frozen=True)
class Chunk:
    """The tokens of one statement that is not parsed yet, and its verbatim text."""

    tokens: tuple[Token, ...]
    text: str


def cut(source: SourceFile) -> list[Chunk]:
    """The file's statements; empty ones are left out. Comments belong to the statement that follows them."""
    chunks: list[Chunk] = []
    start = 0
    tokens = tokenize(source)
    if len(tokens) > _MOST_TOKENS:
        message = f"This file has more than {_MOST_TOKENS} words."
        raise PipelineError([source.finding("FM101", message, tokens[_MOST_TOKENS].start)])
    semicolons = [token.start for token in tokens if token.token_type is TokenType.SEMICOLON]
    for statement in split_statements(tokens):
        last = statement[-1].end
        place = bisect_right(semicolons, last)
        end = semicolons[place] if place < len(semicolons) else len(source.text)
        chunks.append(Chunk(tuple(statement), source.text[start:end].strip().lstrip(";").lstrip()))
        start = end + 1
    return chunks


def parse(source: SourceFile, chunk: Chunk) -> Statement:
    """The statement of these tokens. Raises PipelineError with the place of a syntax error."""
    tokens = list(chunk.tokens)
    parser = FlinkParser(dialect=Flink(), error_level=ErrorLevel.IMMEDIATE)
    try:
        trees = parser.parse(tokens, source.text)
    except ParseError as error:
        finding = _as_finding(source, tokens, error, parser.help)
        word = parser.unquoted
        if word is not None:
            edits = (Edit(word.start, word.start, "`"), Edit(word.end + 1, word.end + 1, "`"))
            finding = replace(finding, edits=edits)
        raise PipelineError([finding]) from None
    except (SqlglotError, ValueError, AttributeError, TypeError, IndexError, KeyError):
        trees = []
    tree = trees[0] if trees else None
    if tree is None:
        message = "This statement can't be read."
        raise PipelineError([source.finding("FM101", message, tokens[0].start, tokens[0].end + 1)])
    return Statement(source, chunk.tokens, chunk.text, tree)


def _as_finding(source: SourceFile, tokens: list[Token], error: ParseError, help: str) -> Finding:
    details = error.errors[0] if error.errors else {}
    place = details.get("line"), details.get("col")
    token = next((each for each in tokens if (each.line, each.col) == place), tokens[-1])
    description = str(details.get("description"))
    if description.startswith("Required keyword"):  # sqlglot's own, about its classes
        description = "This statement can't be read"
    return source.finding("FM101", f"{description}.", token.start, token.end + 1, help=help)
