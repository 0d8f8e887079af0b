"""What holds for every text: idempotence, one form whatever the whitespace was, every comment kept in order."""

from __future__ import annotations

from pathlib import Path

import pytest
from featuremill_codegen.errors import PipelineError
from featuremill_codegen.formatter import Engine, engine_of, format_source
from featuremill_codegen.source import SourceFile
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from . import scramble as scrambled

EXPECTED = sorted((Path(__file__).parent / "fixtures" / "expected").iterdir())
TEXTS = [(path.name, path.read_text(encoding="utf-8")) for path in EXPECTED]
WITHOUT_COMMENTS = [
    (name, text)
    for name, text in TEXTS
    if not scrambled.comments(text, engine_of(name).lexis) and not text.lower().startswith("set ")
]
"""Comments stay on their line or on lines of their own, and Hive's SET as it is: whitespace matters there."""
INSERTED = (
    "-- c\n",
    "\n-- c\n",
    "\n\n-- c\n\n",
    "/* c */",
    "/* c */\n",
    "\n/* c */\n",
    "\n/* c */",
    " /* c\n d */ ",
    "/* c */ /* d */ -- e\n",
    "/**/",
)
MUTATIONS = ("", "(", ")", "'", "`", '"', "/*", "*/", "--", ",", ";", "CASE", "<", "\\", "${", "é")
PROPERTY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def formatted(name: str, text: str) -> str:
    return format_source(SourceFile(name, text), engine_of(name))


@PROPERTY
@given(st.sampled_from(WITHOUT_COMMENTS), st.randoms(use_true_random=False))
def test_one_form_whatever_the_whitespace_was(fixture, random):
    name, text = fixture

    def between(may_be_empty: bool) -> str:
        return random.choice([" ", "\n", "\t  ", " \n ", *([""] * 3 if may_be_empty else [])])

    other = scrambled.scramble(text, engine_of(name).lexis, between)
    assert formatted(name, other) == text


@PROPERTY
@given(st.sampled_from(TEXTS), st.randoms(use_true_random=False), st.sampled_from([0.03, 0.3]))
def test_comments_anywhere(fixture, random, density):
    name, text = fixture
    engine = engine_of(name)

    def between(may_be_empty: bool) -> str:
        space = "" if may_be_empty else " "
        return f" {random.choice(INSERTED)}{space}" if random.random() < density else space

    other = scrambled.scramble(text, engine.lexis, between)
    assume(parses(engine, name, other))  # GROUP /* c */ BY is no keyword to sqlglot
    result = formatted(name, other)
    assert formatted(name, result) == result
    assert scrambled.comments(result, engine.lexis) == scrambled.comments(other, engine.lexis)


@PROPERTY
@given(st.sampled_from(TEXTS), st.data())
def test_any_mutation_is_formatted_or_refused(fixture, data):
    name, text = fixture
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 12))
        put = data.draw(st.sampled_from(MUTATIONS))
        text = text[:start] + put + text[start + length :]
    assume(text.strip())
    refused_or_stable(name, text)


@PROPERTY
@given(st.text(max_size=200), st.sampled_from(["x.sql", "x.hql"]))
@example("Is\x1b", "x.hql")
def test_any_text_is_formatted_or_refused(text, name):
    text = text.replace("\r", "").replace("\0", "")
    assume(text.strip())
    refused_or_stable(name, text)


def refused_or_stable(name: str, text: str) -> None:
    if not parses(engine_of(name), name, text):
        return
    result = formatted(name, text)
    assert formatted(name, result) == result


def parses(engine: Engine, name: str, text: str) -> bool:
    try:
        engine.read(SourceFile(name, text))
    except PipelineError:
        return False
    return True


@pytest.mark.parametrize(("name", "text"), TEXTS, ids=[name for name, _ in TEXTS])
def test_every_token_on_a_line_of_its_own(name: str, text: str) -> None:
    engine = engine_of(name)
    other = scrambled.scramble(text, engine.lexis, lambda may_be_empty: "\n")
    if parses(engine, name, other):
        assert formatted(name, other) == text or "--" in text or "/*" in text or text.startswith("set ")
