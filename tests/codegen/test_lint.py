"""Rules that look at several pipelines, and what lint does with pipelines that can't be loaded."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from featuremill_codegen import PipelineError, UsageError, load_pipeline, make_registry, new_pipeline
from featuremill_codegen.lint import lint
from featuremill_codegen.lint.pages import examples, findings_in


def test_good_pipelines_have_no_findings(fixtures: Path, demo: Path) -> None:
    assert lint(fixtures / "pipelines") == []
    assert lint(demo.parent) == []


def _same_entity(folder: Path, extra: str = "") -> None:
    text = (folder / "feature.yaml").read_text(encoding="utf-8")
    (folder / "feature.yaml").write_text(re.sub("entity: .*", "entity: page", text) + extra, encoding="utf-8")
    query = (folder / "transform.sql").read_text(encoding="utf-8")
    (folder / "transform.sql").write_text(re.sub(r"AS \w+_page", "AS page", query), encoding="utf-8")


def test_a_feature_has_one_pipeline(demo: Path) -> None:
    _same_entity(demo)
    _same_entity(new_pipeline(demo.parent, "second"))
    found = lint(demo.parent)
    assert [(each.place, each.code) for each in found] == [
        ("pipelines/second/transform.sql:5:15", "FM116"),
        ("pipelines/second/transform.sql:6:35", "FM116"),
    ]
    assert lint(demo.parent, ["demo"]) == found, "both pipelines have a part in it"
    with pytest.raises(PipelineError, match="FM116"):
        make_registry(demo.parent)


def test_a_twin_and_a_history_share_its_names(demo: Path) -> None:
    _same_entity(demo, "bootstrap_from: history\n")
    _same_entity(new_pipeline(demo.parent, "twin"), "parity_with: demo\n")
    _same_entity(new_pipeline(demo.parent, "history"))
    assert lint(demo.parent) == []
    assert list(make_registry(demo.parent)["pipelines"]) == ["demo"]


def test_keys_of_an_entity_are_the_same_everywhere(demo: Path) -> None:
    for name, keys in (("one", "[a, b]"), ("two", "[b, a]")):
        folder = new_pipeline(demo.parent, name)
        config = (folder / "feature.yaml").read_text(encoding="utf-8")
        config = re.sub("entity: .*", f"entity: {{name: pair, keys: {keys}}}", config).replace("_10min:", f"_{name}:")
        (folder / "feature.yaml").write_text(config, encoding="utf-8")
        query = (folder / "transform.sql").read_text(encoding="utf-8").replace("_10min", f"_{name}")
        query = query.replace(f"page AS {name}_page", "page AS a, page AS b")
        (folder / "transform.sql").write_text(query, encoding="utf-8")
    assert [(each.place, each.code) for each in lint(demo.parent)] == [("pipelines/two/feature.yaml:6:9", "FM106")]


def test_an_unknown_name(demo: Path) -> None:
    with pytest.raises(UsageError, match="did you mean `demo`"):
        lint(demo.parent, ["demmo"])


def test_a_broken_pipeline_hides_no_other(demo: Path, write: Callable[[str, str], Path]) -> None:
    write("transform.sql", "SELEC")
    folder = new_pipeline(demo.parent, "other")
    query = (folder / "transform.sql").read_text(encoding="utf-8")
    (folder / "transform.sql").write_text(query.replace("CAST(seconds AS DOUBLE)", "seconds"), encoding="utf-8")
    assert {each.code for each in lint(demo.parent)} == {"FM102", "FM202"}
    assert {each.code for each in lint(demo.parent, ["other"])} == {"FM202"}


def test_a_descriptor_of_nothing() -> None:
    window = "TUMBLE(TABLE page_views, DESCRIPTOR(), INTERVAL '10' MINUTE)"
    query = f"SELECT page, window_end AS event_time, COUNT(*) AS n FROM TABLE({window})"
    (finding,) = findings_in({"transform.sql": f"{query} GROUP BY page, window_start, window_end"})
    assert (finding.code, finding.message) == ("FM131", "`DESCRIPTOR` names no column.")


def test_a_number_that_ends_with_its_point_is_a_whole_one(write: Callable[[str, str], Path], demo: Path) -> None:
    columns = "page AS demo_page, viewed_at AS event_time, 5. AS a, .5 AS views_10min, 0.5 AS mean_seconds_10min"
    write("transform.sql", f"SELECT {columns} FROM page_views")
    assert [str(each.column.type) for each in load_pipeline(demo).columns[2:]] == [
        "INT",
        "DECIMAL(1, 1)",
        "DECIMAL(2, 1)",
    ]


@pytest.mark.parametrize("test", ["page IN (SELECT country FROM page_views)", "EXISTS (SELECT 1 FROM page_views AS b)"])
def test_subqueries_keep_state(test: str) -> None:
    query = f"SELECT page, viewed_at AS event_time, seconds AS n FROM page_views WHERE seconds > 1 AND NOT ({test})"
    (finding,) = findings_in({"transform.sql": query})
    assert finding.code == "FM205"
    assert "with a subquery keeps every row of both sides for ever." in finding.message


@pytest.mark.parametrize(
    ("hint", "joined", "found"),
    [
        ("", "page_views AS v JOIN pages AS p ON v.page = p.page", ["pages"]),
        ("", "pages AS p LEFT JOIN page_views AS v ON v.page = p.page", ["pages"]),
        ("STATE_TTL('v' = '1 d')", "page_views AS v JOIN pages AS p ON v.page = p.page", ["pages"]),
        ("STATE_TTL('p' = '9 d')", "page_views AS v JOIN pages AS p ON v.page = p.page", []),
        ("", "page_views AS v JOIN pages FOR SYSTEM_TIME AS OF v.viewed_at AS p ON v.page = p.page", []),
    ],
)
def test_references_that_expire(hint: str, joined: str, found: list[str]) -> None:
    bad, _ = examples("FM214")
    query = f"SELECT /*+ {hint} */ v.page, v.viewed_at AS event_time, p.title FROM {joined}"
    query = query.replace("/*+  */ ", "")
    findings = [each for each in findings_in({**bad, "transform.sql": query}) if each.code == "FM214"]
    assert [each.message.split("`")[1] for each in findings] == found
