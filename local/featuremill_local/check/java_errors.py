"""What Flink says where it refuses a statement: the message without its stack, and the place in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CAUSE = re.compile(
    r"(?:^|\n)(?:Caused by: |: )?(?P<kind>(?:[\w$]+\.)+[\w$]*(?:Exception|Error)[\w$]*)(?:: (?P<text>.*?))?"
    r"(?=\n\s+at |\n\s*\.\.\. \d+ more|\nCaused by: |\Z)",
    re.DOTALL,
)
_FROM = re.compile(r"From line (\d+), column (\d+) to line (\d+), column (\d+): (.*)", re.DOTALL)
_AT = re.compile(r"(?:At|at) line (\d+), column (\d+)[.:]?\s*(.*)", re.DOTALL)
_ENCOUNTERED = re.compile(
    r'(?:Encountered "(?P<word>.*?)"|Lexical error) at line (?P<line>\d+), column (?P<column>\d+)', re.DOTALL
)
_LONG_TYPES = (
    (re.compile(r"\bVARCHAR\(2147483647\)(?: CHARACTER SET \"UTF-16LE\")?"), "STRING"),
    (re.compile(r"\bVARBINARY\(2147483647\)"), "BYTES"),
    (re.compile(r" \*(?:ROWTIME|PROCTIME)\*"), ""),
    (re.compile(r"`?default_catalog`?\.`?default_database`?\."), ""),
    (re.compile(r"_UTF-16LE'"), "'"),
    (re.compile(r"TIMESTAMP_WITH_LOCAL_TIME_ZONE"), "TIMESTAMP_LTZ"),
)


@dataclass(frozen=True, slots=True)
class JavaError:
    """What was said. `line` and `column` count from 1 within the statement (0: no place was told), `end` is exclusive.

    `causes` are all messages, the innermost last: some name a table that the innermost one doesn't.
    """

    message: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    causes: tuple[str, ...] = ()


def read_error(text: str) -> JavaError:
    """The error out of a Java stack trace, or of whatever text there is."""
    causes = tuple((match["text"] or match["kind"]).strip() for match in _CAUSE.finditer(text)) or (text.strip(),)
    for cause in causes:
        found = _placed(cause, causes)
        if found is not None:
            return found
    return JavaError(plain(_summary(causes[-1])), causes=causes)


def plain(message: str) -> str:
    """A message of Flink's in the words of a person who writes SQL: no catalog, no longest types, one full stop."""
    for pattern, text in _LONG_TYPES:
        message = pattern.sub(text, message)
    return message.strip().rstrip(".") + "."


def _placed(cause: str, causes: tuple[str, ...]) -> JavaError | None:
    found = _FROM.search(cause)
    if found is not None:
        line, column, end_line, end_column = map(int, found.groups()[:4])
        return JavaError(plain(_summary(found[5])), line, column, end_line, end_column + 1, causes)
    found = _ENCOUNTERED.search(cause)
    if found is not None:
        line, column, word = int(found["line"]), int(found["column"]), found["word"]
        if word is None:
            return JavaError("Flink can't read this sign.", line, column, line, column + 1, causes)
        text = "The statement ends too early." if word == "<EOF>" else f"Flink does not expect `{word}` here."
        length = 1 if word == "<EOF>" else len(word.split("\n")[0])
        return JavaError(text, line, column, line, column + length, causes)
    found = _AT.search(cause)
    if found is not None and found[3]:
        line, column = int(found[1]), int(found[2])
        return JavaError(plain(_summary(found[3])), line, column, line, column + 1, causes)
    return None


def _summary(message: str) -> str:
    """The first paragraph, on one line; of options that aren't known, which."""
    unsupported = re.search(r"Unsupported options:\n\n(.*?)\n\n", message, re.DOTALL)
    first = message.strip().split("\n\n")[0]
    if unsupported is not None:
        return first.rstrip(".") + ": " + ", ".join(unsupported[1].split())
    first = re.sub(r" that implements '[\w.$]+' in the classpath", "", first)
    return " ".join(first.split())
