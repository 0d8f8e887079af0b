"""Rules that look at several pipelines, and what lint does with pipelines that can't be loaded."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from featuremill_codegen import PipelineError, UsageError, load_pipeline, make_registry, new_pipeline
from featuremill_codegen.lint import lint
from featuremill_codegen.lint.facts import Facts, FeatureFact, Place, Together
from featuremill_codegen.lint.pages import examples, findings_in
from featuremill_codegen.lint.together.twin_differs import TwinDiffers


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
    _history(demo)
    assert lint(demo.parent) == []
    assert list(make_registry(demo.parent)["pipelines"]) == ["demo"]


HISTORY = {
    "feature.yaml": "owner: web\ndescription: The past.\nentity: page\nmax_age: 1d\nschedule: {cron: '0 3 * * *'}\n",
    "source.hql": "CREATE EXTERNAL TABLE views (page STRING, seconds INT) PARTITIONED BY (dt STRING);\n",
    "transform.hql": "SELECT page, COUNT(*) AS views_10min FROM views WHERE dt = '${dt}' GROUP BY page;\n",
}


def _history(demo: Path) -> Path:
    """A batch `history` that gives one of the two features of `demo`."""
    folder = demo.parent / "history"
    folder.mkdir()
    for name, text in HISTORY.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("file", "before", "after", "place", "code"),
    [
        ("transform.hql", "views_10min", "views_1d", "history/transform.hql:1:26", "FM107"),
        ("transform.hql", "COUNT(*)", "MAX(seconds)", "history/transform.hql:1:30", "FM107"),
        ("feature.yaml", "entity: page", "entity: {name: site, keys: [page]}", "demo/feature.yaml:19:17", "FM107"),
        ("feature.yaml", "entity: page", "entity: {name: page, keys: [p]}", "history/feature.yaml:3:9", "FM106"),
    ],
)
def test_a_history_that_does_not_fit(demo: Path, file: str, before: str, after: str, place: str, code: str) -> None:
    _same_entity(demo, "bootstrap_from: history\n")
    folder = _history(demo)
    text = (folder / file).read_text(encoding="utf-8").replace(before, after)
    (folder / file).write_text(text, encoding="utf-8")
    if "[p]" in after:
        query = HISTORY["transform.hql"].replace("SELECT page,", "SELECT page AS p,")
        (folder / "transform.hql").write_text(query, encoding="utf-8")
    assert [(each.place, each.code) for each in lint(demo.parent)] == [(f"pipelines/{place}", code)]
    with pytest.raises(PipelineError, match=code):
        make_registry(demo.parent)


def test_a_history_is_of_one_stream(demo: Path) -> None:
    _same_entity(demo, "bootstrap_from: history\n")
    _same_entity(new_pipeline(demo.parent, "other"), "bootstrap_from: history\n")
    _history(demo)
    (finding,) = [each for each in lint(demo.parent) if each.code != "FM116"]
    assert (finding.code, finding.message) == ("FM108", "`history` is the history of pipeline `demo` already.")
    assert finding.place.startswith("pipelines/other/feature.yaml:")


@pytest.mark.parametrize(
    ("kind", "codes"), [("TIMESTAMP_LTZ(6)", []), ("TIMESTAMP(3)", ["FM107"]), ("DECIMAL(12, 2)", ["FM107"])]
)
def test_a_twins_timestamps_may_have_another_precision(kind: str, codes: list[str]) -> None:
    place = Place("feature.yaml", 1, 1, 1, "")
    places = {"entity": place, "parity_with": place}

    def facts(name: str, kind: str, twin_of: str | None) -> Facts:
        mode = "batch" if twin_of is None else "stream"
        return Facts(
            name, mode, "page", ("page",), (FeatureFact("last_view", kind, place),), twin_of, None, None, (), places
        )

    together = Together((facts("demo", "TIMESTAMP_LTZ(3)", None), facts("twin", kind, "demo")), frozenset())
    assert [each.code for each in TwinDiffers().check(together)] == codes


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
