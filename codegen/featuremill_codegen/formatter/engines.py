"""What the formatter asks of a dialect: how its text is cut, and the trees of its statements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.hive import Hive
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from featuremill_codegen import statements
from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.formatter.lexemes import FLINK_LEXIS, HIVE_LEXIS, Kind, LexicalError, Lexis, lexemes
from featuremill_codegen.hive.statements import check_tokens
from featuremill_codegen.source import SourceFile
from featuremill_codegen.variables import misplaced_variables


@dataclass(frozen=True)
class Read:
    """A file as its dialect reads it: the tokens' kinds and texts, and the statements' trees by where they begin.

    A statement without a tree is one that the dialect only passes on; it stays as it is written.
    """

    tokens: Sequence[tuple[TokenType, str]]
    trees: Mapping[int, exp.Expr | None]

    def names(self, start: int) -> set[str] | None:
        """The words that are names in the statement that begins at `start`; None if that has no tree."""
        tree = self.trees.get(start)
        if tree is None:
            return None
        return {node.name for node in tree.find_all(exp.Identifier) if not node.args.get("quoted")}


class Engine(ABC):
    """A dialect."""

    lexis: ClassVar[Lexis]

    @abstractmethod
    def read(self, source: SourceFile) -> Read:
        """The file's statements. Raises PipelineError with the findings that lint has, too."""


class FlinkSql(Engine):
    """Flink SQL, read as lint reads it."""

    lexis = FLINK_LEXIS

    def read(self, source: SourceFile) -> Read:
        findings: list[Finding] = []
        trees: dict[int, exp.Expr | None] = {}
        tokens: list[tuple[TokenType, str]] = []
        for chunk in statements.cut(source):
            tokens += _comparable(chunk.tokens)
            misplaced = misplaced_variables(source, chunk.tokens)
            if misplaced:
                findings += misplaced
                continue
            try:
                tree = statements.parse(source, chunk).tree
            except PipelineError as error:
                findings += error.findings
                continue
            trees[chunk.tokens[0].start] = tree
        if findings:
            raise PipelineError(findings)
        return Read(tokens, trees)


class HiveQl(Engine):
    """HiveQL with variables such as `${dt}` anywhere, as Hive itself and Spark's job fill them in before they read."""

    lexis = HIVE_LEXIS

    def read(self, source: SourceFile) -> Read:
        text = _without_variables(source)
        try:
            tokens = Hive().tokenize(text)
        except TokenError as error:
            place = max(0, min(error.end or 1, len(text)) - 1)
            raise PipelineError([source.finding("FM101", "This can't be read as SQL.", place)]) from None
        check_tokens(source, tokens)
        findings: list[Finding] = []
        trees: dict[int, exp.Expr | None] = {}
        for statement in _statements(tokens):
            try:
                trees[statement[0].start] = self._tree(source, text, statement)
            except PipelineError as error:
                findings += error.findings
        if findings:
            raise PipelineError(findings)
        return Read(_comparable(_without_commands(tokens)), trees)

    def _tree(self, source: SourceFile, text: str, tokens: list[Token]) -> exp.Expr | None:
        if tokens[0].text.upper() in _PASSED_ON:
            return None
        parser: Any = Hive().parser(error_level=ErrorLevel.IMMEDIATE)
        parser._warn_unsupported = lambda: None  # a statement that only Hive understands is none of ours
        try:
            (tree,) = parser.parse(tokens, text)
        except ParseError as error:
            raise PipelineError([_finding(source, tokens, error)]) from None
        except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, IndexError, KeyError):
            tree = None
        if tree is None:
            message = "This statement can't be read."
            raise PipelineError([source.finding("FM101", message, tokens[0].start, tokens[0].end + 1)])
        return None if tree.find(exp.Command) else tree


_PASSED_ON = {"SET", "RESET", "ADD", "LIST", "DFS", "SOURCE", "RELOAD"}
"""Hive's own commands, whose text is no SQL."""


def engine_of(name: str) -> Engine:
    """The dialect of a file of this name."""
    return HiveQl() if name.endswith(".hql") else FlinkSql()


def _comparable(tokens: Sequence[Token]) -> list[tuple[TokenType, str]]:
    return [(token.token_type, token.text.upper()) for token in tokens]


def _without_commands(tokens: Sequence[Token]) -> list[Token]:
    """Without what Hive's tokenizer cuts off as a command's whole text, with its whitespace and comments."""
    kept = [tokens[0]] if tokens else []
    for previous, token in pairwise(tokens):
        if previous.token_type not in Hive.Tokenizer.COMMANDS or token.token_type is not TokenType.STRING:
            kept.append(token)
    return kept


def _statements(tokens: Sequence[Token]) -> list[list[Token]]:
    statements: list[list[Token]] = [[]]
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            statements.append([])
        else:
            statements[-1].append(token)
    return [statement for statement in statements if statement]


def _without_variables(source: SourceFile) -> str:
    """The text with a name of the same length in each variable's place. Those in strings stay: they harm nothing."""
    parts: list[str] = []
    end = 0
    try:
        for lexeme in lexemes(source.text, HIVE_LEXIS):
            if lexeme.kind is Kind.WORD and "${" in lexeme.text:
                name = "".join(char if char.isalnum() else "_" for char in lexeme.text)
                parts += [source.text[end : lexeme.start], name]
                end = lexeme.end
    except LexicalError as error:
        message = "What begins here doesn't end."
        raise PipelineError([source.finding("FM101", message, error.start, help="is a quote missing?")]) from None
    return "".join([*parts, source.text[end:]])


def _finding(source: SourceFile, tokens: Sequence[Token], error: ParseError) -> Finding:
    details = error.errors[0] if error.errors else {}
    place = details.get("line"), details.get("col")
    token = next((each for each in tokens if (each.line, each.col) == place), tokens[-1])
    message = f"`{token.text[:40]}` is not expected here."
    if token is tokens[-1]:
        message = f"The statement ends too early, or `{token.text[:40]}` is not expected here."
    return source.finding("FM101", message, token.start, token.end + 1)
