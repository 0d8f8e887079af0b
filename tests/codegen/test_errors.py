"""How a finding looks."""

from __future__ import annotations

from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.source import SourceFile


def test_finding_underlines_its_span() -> None:
    source = SourceFile("a.sql", "SELECT\n\tx, yy FROM t\n")
    start = source.text.index("yy")
    assert source.finding("FM999", "No.", start, start + 2, help="mend it").render() == (
        "a.sql:2:5: FM999 No.\n  2 |  x, yy FROM t\n    |     ^^\nhelp: mend it"
    )


def test_span_over_several_lines_is_underlined_on_its_first() -> None:
    source = SourceFile("a.sql", "SELECT (a\n+ b)")
    assert source.finding("FM999", "No.", 7, 14).render().endswith("| SELECT (a\n    |        ^^")


def test_long_lines_are_cut_around_the_place() -> None:
    source = SourceFile("a.sql", "x" * 1000 + "HERE" + "y" * 1000)
    lines = source.finding("FM999", "No.", 1000, 1004).render().splitlines()
    assert max(map(len, lines)) < 220
    assert lines[1][lines[2].index("^") : lines[2].rindex("^") + 1] == "HERE"


def test_characters_that_move_the_cursor_are_not_printed() -> None:
    source = SourceFile("a.sql", "a\x1b[31m\u202eb")
    assert source.finding("FM999", "No.", 0).render().isprintable() is False  # line feeds
    assert "\x1b" not in source.finding("FM999", "No.", 0).render()
    assert "\u202e" not in source.finding("FM999", "No.", 0).render()


def test_colors_only_when_asked() -> None:
    finding = Finding("a.sql", 1, 1, "FM999", "No.", "mend it", "x")
    assert "\033[" not in finding.render()
    assert "\033[" in finding.render(color=True)


def test_end_of_file_has_a_place() -> None:
    assert SourceFile("a.sql", "x").finding("FM999", "No.", 1).render() == "a.sql:1:2: FM999 No.\n  1 | x\n    |  ^"


def test_findings_are_sorted_by_place() -> None:
    later, first = Finding("b", 2, 1, "FM1", "x"), Finding("b", 1, 9, "FM9", "y")
    assert PipelineError([later, first]).findings == (first, later)
