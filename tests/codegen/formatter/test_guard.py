"""The net: a formatter with a flaw leaves the file alone and names the place."""

from __future__ import annotations

import pytest
from featuremill_codegen.errors import PipelineError
from featuremill_codegen.formatter import engine_of, format_source
from featuremill_codegen.source import SourceFile

SQL = "select a, b -- why\nfrom t;\nselect 'x', Ab(c) from u where d = 1\n"

FLAWS: dict[str, tuple[str, str, str]] = {
    "a token is lost": (", b", "", "x.sql:1:9: FM199 The formatter would change the token"),
    "a token is new": ("d = 1", "d = 1 + 1", "x.sql:3:36: FM199 The formatter would change what follows the token"),
    "a comment is lost": ("-- why", "", "x.sql:1:13: FM199 The formatter would change the comment"),
    "a comment is another": ("-- why", "-- who", "x.sql:1:13: FM199"),
    "a string is another": ("'x'", "'X'", "x.sql:3:8: FM199"),
    "a name's case": ("FROM u", "FROM U", "x.sql:3:1: FM199 The formatter would change the meaning of this statement"),
    "tokens change places": ("a, b", "b, a", "x.sql:1:8: FM199"),
    "a comment hides code": ("  -- why\n", "  -- why ", "FM199"),
    "a string never ends": ("'x'", "'x", "FM199"),
}
LAY_OUT = "featuremill_codegen.formatter.formatting.lay_out"


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_is_caught(flaw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    part, other, expected = FLAWS[flaw]
    right = format_source(SourceFile("x.sql", SQL), engine_of("x.sql"))
    wrong = right.replace(part, other)
    assert wrong != right
    monkeypatch.setattr(LAY_OUT, lambda *_: wrong)
    with pytest.raises(PipelineError) as raised:
        format_source(SourceFile("x.sql", SQL), engine_of("x.sql"))
    assert expected in str(raised.value)
    assert "report it" in str(raised.value)


def test_hive_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "featuremill_codegen.formatter.formatting.lay_out", lambda *_: "SELECT a FROM t WHERE dt = ${d}\n"
    )
    with pytest.raises(PipelineError, match=r"x\.hql:1:28: FM199"):
        format_source(SourceFile("x.hql", "select a from t where dt = ${dt}"), engine_of("x.hql"))


@pytest.mark.parametrize("depth", [20, 150, 5000])
@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("CASE WHEN a THEN ", " END")])
def test_deep_brackets_are_no_traceback(opening: str, closing: str, depth: int) -> None:
    source = SourceFile("x.sql", f"SELECT {opening * depth}1{closing * depth} FROM t")
    if depth == 20:
        format_source(source, engine_of("x.sql"))
    else:
        with pytest.raises(PipelineError, match="FM101"):
            format_source(source, engine_of("x.sql"))


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("x.sql", "select a,, b from t", "x.sql:1:9: FM101"),
        ("x.sql", "select 'a from t", "x.sql:1:8: FM101"),
        ("x.sql", "select a from t where x = ${dt}", "x.sql:1:27: FM104"),
        ("x.sql", "select 1; selec 2; select 3 +", "x.sql:1:11: FM101"),
        ("x.hql", "select a b c d from t", "x.hql:1:12: FM101"),
        ("x.hql", "select 'a from t", "x.hql:1:8: FM101"),
        ("x.hql", "select a from t where", "x.hql:1:17: FM101"),
    ],
)
def test_what_does_not_parse_is_refused(name: str, text: str, place: str) -> None:
    with pytest.raises(PipelineError) as raised:
        format_source(SourceFile(name, text), engine_of(name))
    assert place in str(raised.value)
