"""Mending: what it changes, and that it changes nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from featuremill_codegen.cli import main
from featuremill_codegen.errors import Edit, Finding
from featuremill_codegen.lint.fix import edited, fix
from featuremill_codegen.lint.pages import examples, write_example
from featuremill_codegen.lint.rules import BY_CODE
from featuremill_codegen.lint.runner import lint

FIXABLE = [code for code, rule in BY_CODE.items() if rule.fixable]


def _fix(root: Path) -> int:
    return main(["lint", "--fix", "--no-cache", "--root", str(root)])


@pytest.mark.parametrize("code", FIXABLE)
def test_mends_the_bad_example(code: str, tmp_path: Path) -> None:
    root = tmp_path / "pipelines"
    write_example(examples(code)[0], root)
    assert _fix(root) == 0
    mended = {path: path.read_bytes() for path in root.rglob("*.*")}
    assert _fix(root) == 0
    assert mended == {path: path.read_bytes() for path in root.rglob("*.*")}


def test_only_rules_that_say_so_mend(in_bad_examples: dict[str, list[Finding]]) -> None:
    assert FIXABLE
    for code, findings in in_bad_examples.items():
        assert any(finding.edits for finding in findings) == (code in FIXABLE), code


QUERY = """-- Mean, 平均 \r
SELECT page AS demo_page, window_end AS event_time,\r
  AVG( seconds /* raw */ ) AS mean_1, avg(seconds+1) AS mean_2,\r
\tMAX(CAST(page AS INT)) AS `value`, MAX(cast((page) AS BIGINT)) AS other,  -- x\r
  AVG(DISTINCT seconds) AS mean_3, COUNT(*) AS views_10min -- featuremill: ignore FM401 because x\r
FROM TABLE(TUMBLE(TABLE page_views, DESCRIPTOR(viewed_at), INTERVAL '10' MINUTE))\r
GROUP BY page, window_start, window_end"""
MENDED = """-- Mean, 平均 \r
SELECT page AS demo_page, window_end AS event_time,\r
  AVG(CAST( seconds /* raw */  AS DOUBLE)) AS mean_1, avg(CAST(seconds+1 AS DOUBLE)) AS mean_2,\r
\tMAX(TRY_CAST(page AS INT)) AS `value`, MAX(TRY_CAST((page) AS BIGINT)) AS other,  -- x\r
  AVG(DISTINCT seconds) AS mean_3, COUNT(*) AS views_10min\r
FROM TABLE(TUMBLE(TABLE page_views, DESCRIPTOR(viewed_at), INTERVAL '10' MINUTE))\r
GROUP BY page, window_start, window_end"""


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_everything_else_stays(mark: bytes, demo: Path) -> None:
    path = demo / "transform.sql"
    (demo / "feature.yaml").write_text(
        (demo / "feature.yaml").read_text(encoding="utf-8").split("features:")[0], encoding="utf-8"
    )
    path.write_bytes(mark + QUERY.encode())
    path.chmod(0o640)
    assert _fix(demo.parent) == 1
    assert path.read_bytes() == mark + MENDED.encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.code for each in lint(demo.parent)] == ["FM202"], "with DISTINCT it is left to a person"


def test_an_option_goes_with_its_comma(write: Callable[[str, str], Path], demo: Path) -> None:
    source = (demo / "source.sql").read_text(encoding="utf-8")
    option = "'json.ignore-parse-errors' = 'true'"
    for bad in (source.replace("  'format'", f"  {option},\n  'format'"), source.replace("\n);", f",\n  {option}\n);")):
        write("source.sql", bad)
        assert _fix(demo.parent) == 0
        assert (demo / "source.sql").read_text(encoding="utf-8") == source
    commented = source.replace("  'format'", f"  {option},  -- the topic is dirty\n  'format'")
    write("source.sql", commented)
    assert _fix(demo.parent) == 1
    assert (demo / "source.sql").read_text(encoding="utf-8") == commented, "a comment would lose what it is about"


def test_a_symbolic_link_stays_one(demo: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.sql"
    text = (demo / "transform.sql").read_text(encoding="utf-8").replace("CAST(seconds AS DOUBLE)", "seconds")
    real.write_text(text, encoding="utf-8")
    (demo / "transform.sql").unlink()
    (demo / "transform.sql").symlink_to(real)
    assert _fix(demo.parent) == 0
    assert (demo / "transform.sql").is_symlink()
    assert "CAST(seconds AS DOUBLE)" in real.read_text(encoding="utf-8")


def test_edits_count_line_ends_once() -> None:
    assert edited(b"\xef\xbb\xbfa\r\n\xc3\xa4b\n", [Edit(2, 3, "u"), Edit(4, 5, "")]) == b"\xef\xbb\xbfa\r\nub"


def test_of_two_mends_that_overlap_the_first_is_made(tmp_path: Path) -> None:
    file = tmp_path / "demo" / "transform.sql"
    file.parent.mkdir()
    file.write_text("SELECT abc", encoding="utf-8")
    place = ("pipelines/demo/transform.sql", 1, 8, "FM202", "")
    outer, inner, apart = (
        Finding(*place, edits=(Edit(*edit),)) for edit in [(7, 10, "x"), (8, 9, "y"), (0, 6, "select")]
    )
    assert fix(tmp_path, [inner, apart, outer]) == 2
    assert file.read_text(encoding="utf-8") == "select x"


@pytest.mark.parametrize(
    ("select", "mended"),
    [
        ("value AS second, `value`, page AS Value", "`value` AS `second`, `value`, page AS `Value`"),
        ("seconds AS second, FROM page", None),
        ("value second seconds", None),
        ("seconds AS n FROM page_views WHERE value > ANY", None),
        ("AVG(second) AS n", "AVG(`second`) AS n"),
    ],
)
def test_backticks_where_they_alone_are_missing(select: str, mended: str | None, tmp_path: Path) -> None:
    root = tmp_path / "pipelines"
    text = "SELECT {} FROM page_views\n"
    write_example({"transform.sql": text.format(select)}, root)
    _fix(root)
    found = (root / "page_views" / "transform.sql").read_text(encoding="utf-8")
    assert found == text.format(mended if mended is not None else select)
