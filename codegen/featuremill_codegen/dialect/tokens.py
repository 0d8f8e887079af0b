"""How Flink SQL is cut into tokens: quotes, comments, and the words that other dialects don't have."""

from __future__ import annotations

from typing import ClassVar

from sqlglot import tokens
from sqlglot.tokenizer_core import TokenType

_KEYWORDS = {
    **tokens.Tokenizer.KEYWORDS,
    "BYTES": TokenType.VARBINARY,
    "MULTISET": TokenType.LIST,
    "STRING": TokenType.TEXT,
    "TIMESTAMP_LTZ": TokenType.TIMESTAMPLTZ,
}


class FlinkTokenizer(tokens.Tokenizer):
    """Strings stand in '…' with '' for a quote, names in `…`; there are no backslash escapes and no "…"."""

    QUOTES = ["'"]  # noqa: RUF012
    IDENTIFIERS = ["`"]  # noqa: RUF012
    IDENTIFIER_ESCAPES = ["`"]  # noqa: RUF012
    STRING_ESCAPES = ["'"]  # noqa: RUF012
    UNICODE_STRINGS = [(prefix + "'", "'") for prefix in ("U&", "u&")]  # noqa: RUF012
    HEX_STRINGS = [("X'", "'"), ("x'", "'")]  # noqa: RUF012
    COMMENTS = ["--", "//", ("/*", "*/")]  # noqa: RUF012
    NESTED_COMMENTS = False

    TOKENS_PRECEDING_HINT = {  # noqa: RUF012
        *tokens.Tokenizer.TOKENS_PRECEDING_HINT,
        TokenType.IDENTIFIER,
        TokenType.VAR,
    }

    # Words that other dialects cut off with everything behind them (SHOW …, EXECUTE …) stay plain tokens here:
    # a statement that a pipeline may not hold is refused by its name, never passed on unread.
    COMMANDS: ClassVar[set[TokenType]] = set()
    KEYWORDS = {  # noqa: RUF012
        word: kind for word, kind in _KEYWORDS.items() if kind is not TokenType.COMMAND
    }
