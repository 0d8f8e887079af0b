"""Silences: what they are about, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from featuremill_codegen.lint import lint

Write = Callable[[str, str], Path]
QUERY = """SELECT page AS demo_page, window_end AS event_time, COUNT(*) AS views_10min,
  {before}AVG(seconds) AS mean_seconds_10min{behind}
FROM TABLE(TUMBLE(TABLE page_views, DESCRIPTOR(viewed_at), INTERVAL '10' MINUTE))
GROUP BY page, window_start, window_end
"""
GOOD = "featuremill: ignore FM202 because the model knows"


def _codes(root: Path) -> list[tuple[str, int]]:
    return [(each.code, each.line) for each in lint(root)]


@pytest.mark.parametrize(
    ("before", "behind", "found"),
    [
        ("", f"  -- {GOOD}", []),
        ("", f"  // {GOOD}", []),
        ("", f"  /* {GOOD} */", []),
        (f"-- {GOOD}\n  ", "", []),
        (f"-- {GOOD}\n  -- and more\n\n  ", "", []),
        (f"/* {GOOD} */ ", "", []),
        ("", "  -- featuremill: ignore FM202, FM401 because x", [("FM403", 2)]),
        ("", "  -- featuremill: ignore FM202", [("FM402", 2)]),
        ("", "  -- featuremill: ignore FM202 because ", [("FM402", 2)]),
        ("", "  -- featuremill: ignore because I say so", [("FM202", 2), ("FM402", 2)]),
        ("", "  -- featuremill: ignroe FM202 because x", [("FM202", 2), ("FM402", 2)]),
        ("", "  -- featuremill: ignore FM999 because x", [("FM202", 2), ("FM403", 2)]),
        ("", "  -- featuremill: ignore FM101 because x", [("FM202", 2), ("FM403", 2)]),
        ("", f"\n-- {GOOD}", [("FM202", 2), ("FM403", 3)]),
        ("", ", 'featuremill: ignore FM202 because x' AS text", [("FM202", 2)]),
    ],
)
def test_in_sql(before: str, behind: str, found: list[tuple[str, int]], write: Write, demo: Path) -> None:
    write("transform.sql", QUERY.format(before=before, behind=behind))
    assert _codes(demo.parent) == found


def test_in_yaml_and_python(write: Write, demo: Path) -> None:
    config = (demo / "feature.yaml").read_text(encoding="utf-8")
    text = "# featuremill: ignore FM301 because it is a test\n" + config
    write("feature.yaml", text)
    assert _codes(demo.parent) == [("FM403", 1)]
    head = "from pyflink.table.udf import udf\n\n@udf(result_type='INT')\n"
    write("feature.yaml", config)
    write("udf_def.py", head + "def one(x): ...  # featuremill: ignore FM404 because the next merge request calls it\n")
    assert _codes(demo.parent) == []


def test_rules_for_all_pipelines_are_silenced_where_they_are_found(demo: Path) -> None:
    import re

    from featuremill_codegen.scaffold import new_pipeline

    for folder in (demo, new_pipeline(demo.parent, "second")):
        config = (folder / "feature.yaml").read_text(encoding="utf-8")
        (folder / "feature.yaml").write_text(re.sub("entity: .*", "entity: page", config), encoding="utf-8")
        query = (folder / "transform.sql").read_text(encoding="utf-8")
        query = re.sub(r"AS \w+_page", "AS page", query)
        silence = "  -- featuremill: ignore FM116 because one of them goes next week"
        query = query.replace("AS views_10min,", f"AS views_10min,{silence}")
        (folder / "transform.sql").write_text(query, encoding="utf-8")
    # The second of the two has the finding: there it is silenced, and in the first nothing is.
    assert [(each.code, each.place) for each in lint(demo.parent)] == [
        ("FM403", "pipelines/demo/transform.sql:5:32"),
        ("FM116", "pipelines/second/transform.sql:6:35"),
    ]
