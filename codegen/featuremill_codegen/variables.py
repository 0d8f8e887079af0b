"""Variables: `${NAME}` inside string literals, filled in from the environment when the job starts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlglot.tokenizer_core import Token, TokenType

from featuremill_codegen.errors import Finding
from featuremill_codegen.source import SourceFile

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ANY = re.compile(r"\$\{[^}\n]*\}?")

BOOTSTRAP_SERVERS = "FEATURE_SOURCE_BOOTSTRAP_SERVERS"
"""The platform's own variable: the Kafka that holds the feature source and the dead letters."""


def variables_in(tokens: Iterable[Token]) -> set[str]:
    """The names of the variables in the string literals among `tokens`."""
    strings = (token.text for token in tokens if token.token_type is TokenType.STRING)
    return {name for text in strings for name in VARIABLE.findall(text)}


def misplaced_variables(source: SourceFile, tokens: Iterable[Token]) -> list[Finding]:
    """Findings for `${…}` outside of string literals (comments may hold anything), or with a name that isn't one."""
    findings = []
    previous: Token | None = None
    for token in tokens:
        if token.token_type is TokenType.STRING:
            for match in _ANY.finditer(source.text, token.start, token.end + 1):
                if not VARIABLE.fullmatch(match[0]):
                    message = f"`{match[0]}` is not a variable."
                    help = "a variable is ${NAME}: letters, digits and _"
                    findings.append(source.finding("FM104", message, *match.span(), help=help))
        elif token.text.startswith("{") and previous is not None and previous.text.endswith("$"):
            message = "A variable stands inside a string literal only."
            findings.append(
                source.finding("FM104", message, previous.start, token.end + 1, help="put it between quotes: '${NAME}'")
            )
        previous = token
    return findings
