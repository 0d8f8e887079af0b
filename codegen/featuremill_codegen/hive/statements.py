"""A HiveQL file cut into statements, each with its tree."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.dialects.hive import Hive
from sqlglot.dialects.spark import Spark
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError, TokenError
from sqlglot.parsers.hive import HiveParser
from sqlglot.parsers.spark import SparkParser
from sqlglot.tokenizer_core import Token, TokenType

from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.source import SourceFile
from featuremill_codegen.statements import Statement


class _NothingOpaque:
    """sqlglot takes a CREATE that it can't read as a text without a meaning; here that is an error at its place."""

    def _parse_as_command(self, start: Token) -> Any:
        parser: Any = self
        parser.raise_error("Not expected here", parser._curr or start)


class _QueryParser(_NothingOpaque, HiveParser):
    """HiveQL."""


class _TableParser(_NothingOpaque, SparkParser):
    """Spark's CREATE TABLE, which is Hive's and more: `USING csv OPTIONS (header 'true')`."""


def statements_of(source: SourceFile, *, tables: bool = False) -> list[Statement]:
    """The file's statements, which are queries and views, or `tables`.

    Raises PipelineError with the place of what can't be read.
    """
    try:
        tokens = (Spark if tables else Hive)().tokenize(source.text)
    except TokenError:
        finding = source.finding("FM101", "This can't be read as HiveQL.", help="is a quote missing?")
        raise PipelineError([finding]) from None
    check_tokens(source, tokens)
    found: list[Statement] = []
    findings: list[Finding] = []
    for start, part in _cut(tokens):
        try:
            found.append(_parse(source, part, start, tables=tables))
        except PipelineError as error:
            findings.extend(error.findings)
    if not found and not findings:
        findings.append(Finding(source.path, 0, 0, "FM100", "There is no statement in this file."))
    if findings:
        raise PipelineError(findings)
    return found


_NOTHING_BEFORE = {TokenType.SELECT, TokenType.DISTINCT, TokenType.L_PAREN, TokenType.COMMA, TokenType.SEMICOLON}
_NOTHING_AFTER = {TokenType.FROM, TokenType.R_PAREN, TokenType.SEMICOLON}


def check_tokens(source: SourceFile, tokens: list[Token]) -> None:
    """Raise PipelineError for what sqlglot alone takes: control characters in names, commas beside nothing."""
    for previous, token, following in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        message = ""
        if token.token_type is TokenType.VAR and not token.text.isprintable():
            message = "There is a character here that can't be seen and that HiveQL doesn't have."
        elif token.token_type is TokenType.COMMA:
            if previous is None or previous.token_type in _NOTHING_BEFORE:
                message = "Nothing stands before this comma."
            elif following is None or following.token_type in _NOTHING_AFTER:
                message = "Nothing stands behind this comma."
        if message:
            raise PipelineError([source.finding("FM101", message, token.start, token.end + 1, help="delete it")])


def _cut(tokens: list[Token]) -> list[tuple[int, list[Token]]]:
    """The tokens of each statement, and where its text begins: behind the semicolon before it."""
    parts: list[tuple[int, list[Token]]] = [(0, [])]
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            parts.append((token.end + 1, []))
        else:
            parts[-1][1].append(token)
    return [(start, part) for start, part in parts if part]


def _parse(source: SourceFile, tokens: list[Token], start: int, *, tables: bool) -> Statement:
    """The statement of these tokens; its text begins at `start`, with the comments before it."""
    kind, dialect = (_TableParser, Spark) if tables else (_QueryParser, Hive)
    try:
        (tree,) = kind(dialect=dialect(), error_level=ErrorLevel.IMMEDIATE).parse(tokens, source.text)
    except ParseError as error:
        details = error.errors[0] if error.errors else {}
        place = details.get("line"), details.get("col")
        token = next((each for each in tokens if (each.line, each.col) == place), tokens[-1])
        message = f"`{token.text[:40]}` is not expected here."
        raise PipelineError([source.finding("FM101", message, token.start, token.end + 1)]) from None
    except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, IndexError, KeyError):
        tree = None
    if not isinstance(tree, exp.Expr) or isinstance(tree, exp.Command):
        message = "This statement can't be read."
        raise PipelineError([source.finding("FM101", message, tokens[0].start, tokens[0].end + 1)])
    return Statement(source, tuple(tokens), source.text[start : tokens[-1].end + 1].strip(), tree)
