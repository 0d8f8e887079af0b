"""What is looked at in a query, and how: as SQL, over the rows that come to the place."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from featuremill_codegen.dialect import Flink
from featuremill_codegen.errors import Finding
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.cases.reading import read_cases
from featuremill_local.coverage.columns import column_items, feature_items
from featuremill_local.coverage.items import Exercised, Item
from featuremill_local.coverage.looks import probes_of
from featuremill_local.coverage.report import print_text, to_json
from rich.console import Console

FOLDER = Path(__file__).parents[1] / "cases" / "fixtures" / "pipelines" / "readings"


@pytest.fixture
def looked_at(tmp_path):
    """The probes of a query over the tables `readings` and `limits`, as texts: query, item's text, value."""

    def look(query: str) -> tuple[list[tuple[str, str, str]], list[str]]:
        folder = tmp_path / "readings"
        folder.mkdir(exist_ok=True)
        (folder / "source.sql").write_bytes((FOLDER / "source.sql").read_bytes())
        (folder / "feature.yaml").write_bytes((FOLDER / "feature.yaml").read_bytes())
        (folder / "transform.sql").write_text(query)
        probes, unknown = probes_of(load_pipeline(folder))
        found = [
            (printed(probe.query), " | ".join(item.text for item in each.items), printed(each.value))
            for probe in probes
            for each in probe.looks
        ]
        return found, [f"{item.text}: {item.unknown}" for item in unknown]

    return look


def printed(tree) -> str:
    return tree.sql(dialect=Flink, comments=False)


KEYS = "SELECT sensor, slot, MAX(taken_at) AS event_time"
PLAIN = "SELECT sensor, slot, taken_at AS event_time"


def truth(predicate: str) -> str:
    return f"CASE WHEN ({predicate}) IS TRUE THEN 1 WHEN ({predicate}) IS FALSE THEN 2 ELSE 3 END"


def test_predicates_are_looked_at_before_they_take_rows_away(looked_at):
    found, unknown = looked_at(
        f"{PLAIN}, price FROM readings WHERE price > 1 AND (slot = 2 OR NOT (slot > 5)) AND TRUE"
    )
    assert found == [
        ("SELECT FROM readings", predicate, truth(predicate)) for predicate in ("price > 1", "slot = 2", "slot > 5")
    ]
    assert unknown == []


def test_groups_are_looked_at_before_having_and_answers_behind_it(looked_at):
    query = f"{KEYS}, CASE WHEN COUNT(*) > 1 THEN 1 END AS many FROM readings WHERE slot > 1 GROUP BY sensor, slot"
    found, _ = looked_at(f"{query} HAVING COUNT(*) < 9")
    grouped = "SELECT FROM readings WHERE slot > 1 GROUP BY sensor, slot"
    assert found[1:] == [
        (grouped, "COUNT(*) < 9", truth("COUNT(*) < 9")),
        (
            f"{grouped} HAVING COUNT(*) < 9",
            "WHEN COUNT(*) > 1 | ELSE (not written)",
            "CASE WHEN COUNT(*) > 1 THEN 1 ELSE 2 END",
        ),
    ]


def test_what_an_aggregate_is_made_of_is_looked_at_row_by_row(looked_at):
    found, _ = looked_at(
        f"{KEYS}, CASE WHEN MAX(slot) > 1 THEN SUM(IF(slot > 2, 1, 0)) ELSE 0 END AS n,"
        " COUNT(*) FILTER (WHERE slot = 3) AS m FROM readings GROUP BY sensor, slot"
    )
    assert found == [
        ("SELECT FROM readings", "IF true, 1 | IF not, 0", "CASE WHEN slot > 2 THEN 1 ELSE 2 END"),
        ("SELECT FROM readings", "slot = 3", truth("slot = 3")),
        (
            "SELECT FROM readings GROUP BY sensor, slot",
            "WHEN MAX(slot) > 1 | ELSE 0",
            "CASE WHEN MAX(slot) > 1 THEN 1 ELSE 2 END",
        ),
    ]


def test_a_branch_inside_a_branch_counts_where_that_is_taken(looked_at):
    found, _ = looked_at(
        f"{PLAIN}, CASE slot WHEN 1 THEN COALESCE(price, 0) WHEN 2 THEN NULLIF(price, 1) END AS p FROM readings"
    )
    outer = "CASE WHEN (slot) = (1) THEN 1 WHEN (slot) = (2) THEN 2 ELSE 3 END"
    assert [value for _, _, value in found] == [
        outer,
        f"CASE WHEN {outer} = 1 THEN CASE WHEN (price) IS NOT NULL THEN 1 ELSE 2 END END",
        f"CASE WHEN {outer} = 2 THEN CASE WHEN (price) = (1) THEN 1 ELSE 2 END END",
    ]
    assert found[2][1] == "NULLIF of what equals 1 | NULLIF of another price"


def test_joins_are_looked_at_pair_by_pair(looked_at):
    found, _ = looked_at(
        "SELECT r.sensor, r.slot, r.taken_at AS event_time, l.highest FROM readings AS r"
        " LEFT JOIN limits AS l ON r.sensor = l.sensor JOIN limits AS m ON m.highest > l.highest"
        " WHERE r.slot IS NOT NULL"
    )
    assert [(query, text) for query, text, _ in found] == [
        ("SELECT FROM readings AS r CROSS JOIN limits AS l", "r.sensor = l.sensor"),
        (
            "SELECT FROM readings AS r LEFT JOIN limits AS l ON r.sensor = l.sensor CROSS JOIN limits AS m",
            "m.highest > l.highest",
        ),
        (
            "SELECT FROM readings AS r LEFT JOIN limits AS l ON r.sensor = l.sensor"
            " JOIN limits AS m ON m.highest > l.highest",
            "r.slot IS NOT NULL",
        ),
    ]


def test_what_can_not_be_looked_at_is_said(looked_at):
    found, unknown = looked_at(
        "SELECT r.sensor, r.slot, r.taken_at AS event_time, l.highest FROM readings AS r"
        " LEFT JOIN limits FOR SYSTEM_TIME AS OF r.taken_at AS l ON r.sensor = l.sensor"
    )
    assert found == []
    assert unknown == ["r.sensor = l.sensor: what is joined depends on the row that it is joined to"]


def test_inner_queries_are_looked_at_with_the_tables_that_they_can_see(looked_at):
    found, _ = looked_at(
        "WITH w AS (SELECT * FROM readings WHERE slot > 1)"
        f"{PLAIN}, price FROM (SELECT * FROM w WHERE slot > 2) AS x WHERE slot > 3"
    )
    with_ = "WITH w AS (SELECT * FROM readings WHERE slot > 1) "
    assert {(query, text) for query, text, _ in found} == {
        (f"{with_}SELECT FROM (SELECT * FROM w WHERE slot > 2) AS x", "slot > 3"),
        (f"{with_}SELECT FROM w", "slot > 2"),
        (f"{with_}SELECT FROM readings", "slot > 1"),
    }


def test_columns_and_features_of_cases():
    pipeline = load_pipeline(FOLDER)
    cases = read_cases(pipeline, ["good"])
    assert {item.text: item.missing for item in column_items(pipeline, cases)} == {
        "readings.sensor": (),
        "readings.slot": (),
        "readings.taken_at": (),
        "readings.price": (),
        "limits.sensor": (),
        "limits.highest": (),
    }
    assert {item.text: item.missing for item in feature_items(pipeline, cases)} == {
        "price": (),
        "highest": ("a value",),
    }
    assert all(item.missing for item in column_items(pipeline, []))


def exercised() -> Exercised:
    place = Finding("pipelines/p/transform.sql", 3, 7, "predicate", "", source_line="WHERE a > 1", length=5)
    branch = Finding("pipelines/p/transform.sql", 2, 3, "branch", "", source_line="  CASE", length=4)
    return Exercised(
        "p",
        2,
        [
            Item("branch", branch, "ELSE 1", ("taken",), {"taken"}),
            Item("predicate", place, "a > 1", ("true", "false", "null"), {"true"}),
            Item("predicate", place, "b > 1", ("true", "false"), unknown="it is odd"),
        ],
        ["one could not be looked at: why"],
    )


def test_the_text():
    console = Console(file=io.StringIO(), width=120, soft_wrap=True)
    print_text([exercised()], console, color=False)
    assert console.file.getvalue() == (
        "pipelines/p/transform.sql:3:7: predicate `a > 1` was never false and never null.\n"
        "  3 | WHERE a > 1\n"
        "    |       ^^^^^\n\n"
        "pipelines/p/transform.sql:3:7: predicate `b > 1` is not known: it is odd.\n"
        "  3 | WHERE a > 1\n"
        "    |       ^^^^^\n\n"
        "p: one could not be looked at: why\n"
        "p: 2 of 4 exercised by 2 cases (50.0 %), 1 not known\n"
    )


def test_the_json():
    (pipeline,) = json.loads(to_json([exercised()]))["pipelines"]
    assert (pipeline["exercised"], pipeline["of"], pipeline["percent"]) == (2, 4, 50.0)
    assert pipeline["items"][1] == {
        "kind": "predicate",
        "path": "pipelines/p/transform.sql",
        "line": 3,
        "column": 7,
        "text": "a > 1",
        "outcomes": {"true": True, "false": False, "null": False},
        "unknown": None,
    }


def test_of_nothing_all_is_exercised():
    assert Exercised("p", 0, []).percent == 100.0
