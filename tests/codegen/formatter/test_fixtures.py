"""What the style is: pairs of files in fixtures/. And what holds for each of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from featuremill_codegen.formatter import engine_of, format_source
from featuremill_codegen.formatter.layout import lay_out
from featuremill_codegen.formatter.lexemes import COMMENTS, FLINK_LEXIS, Kind, lexemes
from featuremill_codegen.source import SourceFile, read_source

FIXTURES = Path(__file__).parent / "fixtures"
INPUTS = sorted((FIXTURES / "input").iterdir())
LAYOUTS = sorted((FIXTURES / "layout").glob("*.input.sql"))


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_the_style(path: Path, expect: Callable[[Path, str], None]) -> None:
    text = format_source(read_source(path, path.name), engine_of(path.name))
    expect(FIXTURES / "expected" / path.name, text)


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.name)
def test_statements_that_pipelines_do_not_hold(path: Path, expect: Callable[[Path, str], None]) -> None:
    text = lay_out(path.read_text(encoding="utf-8"), FLINK_LEXIS)
    expect(path.with_name(path.name.replace(".input.", ".expected.")), text)
    assert lay_out(text, FLINK_LEXIS) == text


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_what_is_formatted_stays_as_it_is(path: Path) -> None:
    text = (FIXTURES / "expected" / path.name).read_text(encoding="utf-8")
    assert format_source(SourceFile(path.name, text), engine_of(path.name)) == text


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_tokens_comments_and_trees_are_the_same(path: Path) -> None:
    engine = engine_of(path.name)
    before = read_source(path, path.name)
    after = read_source(FIXTURES / "expected" / path.name, path.name)
    for of_comments in (False, True):
        texts = [
            [
                each.text.upper() if each.kind is Kind.WORD else each.text.rstrip()
                for each in lexemes(source.text, engine.lexis)
                if (each.kind in COMMENTS) is of_comments
            ]
            for source in (before, after)
        ]
        assert texts[0] == texts[1]
    assert list(engine.read(before).trees.values()) == list(engine.read(after).trees.values())


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_lines(path: Path) -> None:
    text = (FIXTURES / "expected" / path.name).read_bytes().decode("utf-8")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\r" not in text
    assert "\ufeff" not in text
    assert "\n\n\n" not in text
