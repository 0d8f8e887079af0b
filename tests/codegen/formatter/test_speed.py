"""Time grows with the text, not with its square. Sizes, not seconds, are compared: machines differ."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from featuremill_codegen.formatter.layout import lay_out
from featuremill_codegen.formatter.lexemes import FLINK_LEXIS

SHAPES: dict[str, Callable[[int], str]] = {
    "statements": lambda size: (
        "SELECT a, CAST(b AS INT) FROM t JOIN u ON t.a = u.a WHERE c IN (1, 2);\n" * (size // 71)
    ),
    "one list": lambda size: "SELECT " + ", ".join(f"a{index}" for index in range(size // 8)) + " FROM t",
    "one condition": lambda size: "SELECT a FROM t WHERE " + " OR ".join(["a = 1 AND b = 2"] * (size // 19)),
    "one sum": lambda size: "SELECT " + " + ".join(["a"] * (size // 4)) + " FROM t",
    "words": lambda size: "a " * (size // 2),
    "comments": lambda size: "SELECT a\n" + "-- c\n" * (size // 5) + "FROM t",
    "inline comments": lambda size: "SELECT a " + "/* c */ " * (size // 8) + "FROM t",
    "operators": lambda size: "SELECT " + "- " * (size // 2) + "1",
    "semicolons": lambda size: ";" * (size // 4),
    "commas": lambda size: "SELECT a" + "\n, b -- c\n" * (size // 11),
    "one string": lambda size: "SELECT '" + "it''s " * (size // 6) + "'",
    "types not closed": lambda size: "SELECT a FROM t WHERE " + "map < " * (size // 6),
    "unions": lambda size: " UNION ALL ".join(["SELECT a FROM t"] * (size // 26)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_time_is_linear(shape: str) -> None:
    texts = [SHAPES[shape](size) for size in (4_000, 32_000)]
    small, large = map(seconds, texts)
    if not large < 30 * small + 0.1:  # the machine may have been busy elsewhere: once more
        small, large = (min(before, seconds(text)) for before, text in zip((small, large), texts, strict=True))
    assert large < 30 * small + 0.1  # eight times the text; the square would be 64 times


def seconds(text: str) -> float:
    start = time.process_time()
    lay_out(text, FLINK_LEXIS)
    return time.process_time() - start
