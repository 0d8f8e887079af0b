"""The dialect itself: the parts of the other files put together."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import generator, parser
from sqlglot.dialects.dialect import Dialect, NormalizationStrategy
from sqlglot.tokenizer_core import Token, TokenType

from featuremill_codegen.dialect import (
    columns,
    create,
    functions,
    hints,
    joins,
    json,
    matching,
    printing,
    sets,
    temporal,
    types,
    watermarks,
    windows,
)
from featuremill_codegen.dialect.strict import StrictParser
from featuremill_codegen.dialect.tokens import FlinkTokenizer


class FlinkParser(  # type: ignore[misc]
    StrictParser,
    sets.SetsParser,
    columns.ColumnsParser,
    create.CreateParser,
    matching.MatchingParser,
    windows.WindowsParser,
    hints.TableHintsParser,
    joins.JoinsParser,
    types.TypesParser,
    functions.FunctionsParser,
    parser.Parser,
):
    """Parses Flink SQL. What it can't parse is an error at its place; nothing becomes an opaque command."""

    STATEMENT_PARSERS: ClassVar[dict[Any, Any]] = {
        **{kind: parser.Parser.STATEMENT_PARSERS[kind] for kind in (TokenType.CREATE, TokenType.INSERT)},
        TokenType.REPLACE: lambda self: self._parse_create(),
        **sets.SETS_PARSERS,
    }
    CONFLICT_ACTIONS: ClassVar[dict[str, Any]] = {"DO": ("NOTHING", "ERROR", "DEDUPLICATE")}

    STRICT_CAST = True
    TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = types.TYPE_LITERAL_PARSERS
    FUNCTIONS = functions.FUNCTIONS
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
        **functions.FUNCTION_PARSERS,
        **json.JSON_FUNCTION_PARSERS,
        **windows.WINDOW_FUNCTION_PARSERS,
    }
    NO_PAREN_FUNCTION_PARSERS = functions.NO_PAREN_FUNCTION_PARSERS
    FUNC_TOKENS = {*parser.Parser.FUNC_TOKENS, TokenType.SESSION}  # noqa: RUF012
    LAMBDAS = windows.WINDOW_LAMBDAS
    CONSTRAINT_PARSERS: ClassVar[dict[str, Any]] = {
        **columns.COLUMN_CONSTRAINT_PARSERS,
        **watermarks.WATERMARK_CONSTRAINT_PARSERS,
    }
    SCHEMA_UNNAMED_CONSTRAINTS: ClassVar[set[str]] = {"PRIMARY KEY", "UNIQUE", "WATERMARK"}

    def _parse_as_command(self, start: Token) -> Any:
        self.raise_error(f"Unexpected `{self._curr.text}`" if self._curr else "Unexpected end of the statement")


class FlinkGenerator(
    create.CreateGenerator,
    printing.PrintingGenerator,
    hints.TableHintsGenerator,
    types.TypesGenerator,
    generator.Generator,
):
    """Prints Flink SQL."""

    QUERY_HINTS = True
    SUPPORTS_BETWEEN_FLAGS = True
    TYPE_MAPPING: ClassVar[dict[Any, str]] = {**generator.Generator.TYPE_MAPPING, **types.TYPE_NAMES}
    TRANSFORMS: ClassVar[dict[Any, Any]] = {
        **generator.Generator.TRANSFORMS,
        **columns.COLUMN_TRANSFORMS,
        **create.CREATE_TRANSFORMS,
        **functions.FUNCTION_TRANSFORMS,
        **json.JSON_TRANSFORMS,
        **matching.MATCHING_TRANSFORMS,
        **printing.PRINTING_TRANSFORMS,
        **sets.SETS_TRANSFORMS,
        **temporal.TEMPORAL_TRANSFORMS,
        **types.TYPES_TRANSFORMS,
        **windows.WINDOW_TRANSFORMS,
    }


class Flink(Dialect):
    """Flink SQL 2.3."""

    NORMALIZATION_STRATEGY = NormalizationStrategy.CASE_SENSITIVE
    SUPPORTS_USER_DEFINED_TYPES = True
    INDEX_OFFSET = 1
    NORMALIZE_FUNCTIONS = False
    NULL_ORDERING = "nulls_are_small"

    Tokenizer = FlinkTokenizer
    Parser = FlinkParser
    Generator = FlinkGenerator
