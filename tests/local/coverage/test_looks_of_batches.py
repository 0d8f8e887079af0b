"""What is looked at in HiveQL, and how it is printed for Spark."""

from __future__ import annotations

import pytest
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.coverage.asked import asked_of
from featuremill_local.coverage.looks import probes_of

SOURCE = """
CREATE EXTERNAL TABLE air.flights (carrier STRING, delay INT)
PARTITIONED BY (dt STRING)
STORED AS PARQUET
LOCATION '${WAREHOUSE}/flights';
"""
YAML = """
owner: tests
description: Flights of a carrier on a day.
entity: carrier
max_age: 2d
schedule: {cron: "0 3 * * *"}
"""


@pytest.fixture
def looked_at(tmp_path):
    """The probes of a query over the table `air.flights`, as texts: query, the one instead, item's text, value."""

    def look(query: str) -> list[tuple[str, str | None, str, str]]:
        folder = tmp_path / "flights"
        folder.mkdir()
        for name, text in (("source.hql", SOURCE), ("feature.yaml", YAML), ("transform.hql", query)):
            (folder / name).write_text(text)
        pipeline = load_pipeline(folder)
        sql = asked_of(pipeline).sql
        return [
            (
                sql(probe.query),
                sql(probe.instead) if probe.instead is not None else None,
                " | ".join(item.text for item in each.items),
                sql(each.value),
            )
            for probe in probes_of(pipeline)[0]
            for each in probe.looks
        ]

    return look


def values(found):
    return [value for _, _, _, value in found]


def test_the_functions_of_hive_that_have_branches(looked_at):
    found = looked_at(
        "SELECT carrier, IF(delay > 15, 1, 0) AS a, NVL(delay, 0) AS b, CAST(NVL2(delay, 1, 2) AS INT) AS c,"
        " NULLIF(delay, 0) AS d, COALESCE(delay, 1, 2) AS e FROM air.flights"
    )
    assert [text for _, _, text, _ in found] == [
        "IF true, 1 | IF not, 0",
        "argument delay | argument 0",
        "NVL2 true, 1 | NVL2 not, 2",
        "NULLIF of what equals 0 | NULLIF of another delay",
        "argument delay | argument 1 | argument 2",
    ]
    assert values(found) == [
        "CASE WHEN delay > 15 THEN 1 ELSE 2 END",
        "CASE WHEN (delay) IS NOT NULL THEN 1 ELSE 2 END",
        "CASE WHEN (delay) IS NOT NULL THEN 1 ELSE 2 END",
        "CASE WHEN (delay) = (0) THEN 1 ELSE 2 END",
        "CASE WHEN (delay) IS NOT NULL THEN 1 WHEN (1) IS NOT NULL THEN 2 ELSE 3 END",
    ]


def test_casts_and_days_are_printed_as_they_are_written(looked_at):
    predicate = "dt > CAST(DATE_SUB('${dt}', 28) AS STRING)"
    (found,) = looked_at(f"SELECT carrier, TRY_CAST('1' AS INT) AS a FROM air.flights WHERE {predicate}")
    assert found[2] == predicate
    assert found[3] == f"CASE WHEN ({predicate}) IS TRUE THEN 1 WHEN ({predicate}) IS FALSE THEN 2 ELSE 3 END"


def test_groups_named_by_columns_of_the_answer(looked_at):
    late = "CASE WHEN delay > 15 THEN 'late' END"
    first, second = looked_at(
        f"SELECT carrier, {late} AS late, IF(COUNT(*) > 1, 1, 0) AS n FROM air.flights GROUP BY carrier, late"
    )
    assert first[0] == "SELECT FROM air.flights", "what makes a key is looked at row by row"
    assert second[:2] == (
        "SELECT FROM air.flights GROUP BY carrier, late",
        f"SELECT FROM air.flights GROUP BY carrier, {late}",
    )


def test_groups_named_by_numbers(looked_at):
    (found,) = looked_at("SELECT UPPER(carrier) AS carrier, IF(COUNT(*) > 1, 1, 0) AS n FROM air.flights GROUP BY 1")
    assert found[:2] == ("SELECT FROM air.flights GROUP BY UPPER(carrier)", None)


def test_laterals_and_variables_of_names_stay(looked_at):
    (found,) = looked_at(
        "SELECT carrier, word AS w FROM air.flights LATERAL VIEW EXPLODE(SPLIT('a,b', ',')) words AS word"
        " WHERE word <> '${hidden}'"
    )
    assert found[0] == "SELECT FROM air.flights LATERAL VIEW EXPLODE(SPLIT('a,b', ',')) words AS word"
    assert "(word <> '${hidden}') IS TRUE" in found[3]
