"""A folder as objects: tables, features with types and origins, variables."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from featuremill_codegen import PipelineError, UsageError, list_pipelines, load_pipeline


def test_streaming_window(fixtures: Path) -> None:
    pipeline = load_pipeline(fixtures / "pipelines" / "airport_departure_delay")
    assert [(feature.name, str(feature.type), feature.sources) for feature in pipeline.features] == [
        ("departures_1h", "BIGINT", ()),
        ("mean_departure_delay_1h", "DOUBLE", ("departures.departure_delay",)),
        ("max_departure_delay_1h", "INT", ("departures.departure_delay",)),
        ("share_delayed_15min_1h", "DOUBLE", ("departures.departure_delay",)),
    ]
    (table,) = pipeline.tables
    assert (table.name, table.connector, table.watermark) == ("departures", "kafka", "departure_time")
    assert [column.name for column in table.columns][-2:] == ["departure_time", "departure_delay"]
    assert pipeline.variables == ("FEATURE_SOURCE_BOOTSTRAP_SERVERS", "KAFKA_BOOTSTRAP_SERVERS")
    assert (pipeline.config.max_age, pipeline.config.ttl) == (7_200_000, 604_800_000)
    assert str(pipeline.event_time_type) == "TIMESTAMP(3)"


def test_views_joins_and_functions(fixtures: Path) -> None:
    pipeline = load_pipeline(fixtures / "pipelines" / "aircraft_rotation")
    assert [(feature.name, str(feature.type), feature.sources) for feature in pipeline.features] == [
        ("last_destination", "STRING", ("flights.destination",)),
        ("last_arrival_delay", "INT", ("flights.arrival_delay",)),
        ("legs_today", "BIGINT", ()),
        ("km_today", "DOUBLE", ("airports.latitude", "airports.longitude")),
    ]
    assert [view.name for view in pipeline.views] == ["legs", "last_leg", "day_totals"]
    assert [(udf.name, str(udf.result_type)) for udf in pipeline.udfs] == [("great_circle_km", "DOUBLE")]
    with pytest.raises(FrozenInstanceError):
        pipeline.name = "other"  # type: ignore[misc]


def test_a_type_in_feature_yaml_stands_in_for_one_that_sql_hides(write: Callable[[str, str], Path], demo: Path) -> None:
    query = (demo / "transform.sql").read_text(encoding="utf-8").replace("COUNT(*)", "SOME_FUNCTION(page)")
    write("transform.sql", query)
    with pytest.raises(PipelineError, match="FM113"):
        load_pipeline(demo)
    config = (demo / "feature.yaml").read_text(encoding="utf-8")
    write("feature.yaml", config.replace("views_10min: {", "views_10min: {type: BIGINT, "))
    assert str(load_pipeline(demo).features[0].type) == "BIGINT"


def test_variables_of_the_query_are_needed_too(write: Callable[[str, str], Path], demo: Path) -> None:
    query = (demo / "transform.sql").read_text(encoding="utf-8")
    write("transform.sql", query.replace("GROUP BY", "WHERE page <> '${HIDDEN_PAGE}'\nGROUP BY"))
    variables = ("FEATURE_SOURCE_BOOTSTRAP_SERVERS", "HIDDEN_PAGE", "KAFKA_BOOTSTRAP_SERVERS")
    assert load_pipeline(demo).variables == variables


@pytest.mark.parametrize("name", ["tests", "lint", "Upper", "with-dash", "x" * 64])
def test_names_that_no_pipeline_may_have(name: str, demo: Path) -> None:
    folder = demo.rename(demo.with_name(name))
    with pytest.raises(PipelineError, match="FM118"):
        load_pipeline(folder)


def test_an_unknown_pipeline_is_answered_with_the_nearest(demo: Path) -> None:
    with pytest.raises(PipelineError, match="did you mean `demo`"):
        load_pipeline(demo.with_name("demmo"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"SELECT '\xff'", r"transform.sql:1:9: FM100 This file is not UTF-8: byte 0xFF"),
        (b"SELECT 1\n-- \x00", r"transform.sql:2:4: FM100 A NUL character"),
        (b"\xef\xbb\xbf  \r\n", "FM100 This file is empty"),
        (b"-- a comment" * 100_000, "FM100 This file is larger than"),
        (b"\xff\xfeS\x00E\x00", "not UTF-8"),
    ],
)
def test_files_that_are_no_text(content: bytes, message: str, demo: Path) -> None:
    (demo / "transform.sql").write_bytes(content)
    with pytest.raises(PipelineError, match=message):
        load_pipeline(demo)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file(make: Callable[[Path], None], demo: Path) -> None:
    """A named pipe would be waited for without end."""
    (demo / "transform.sql").unlink()
    make(demo / "transform.sql")
    with pytest.raises(PipelineError, match=r"transform\.sql: FM100 This file can't be read: it is no regular file\."):
        load_pipeline(demo)


def test_list_pipelines(demo: Path) -> None:
    for name in ("no_pipeline", ".hidden", "__pycache__"):
        (demo.parent / name).mkdir()
    (demo.parent / ".hidden" / "feature.yaml").touch()
    (demo.parent / "file.py").touch()
    assert list_pipelines(demo.parent) == ["demo"]
    with pytest.raises(UsageError, match="There is no folder"):
        list_pipelines(demo.parent / "none")


@pytest.mark.parametrize(
    "junk",
    [
        "(" * 5000,
        "SELECT " * 3000,
        "'" * 9999,
        "CASE " * 2000,
        "SELECT a FROM " + "t JOIN " * 2000,
        "\u202e" * 50,
        "SELECT ",
    ],
)
def test_nonsense_is_a_finding(junk: str, write: Callable[[str, str], Path]) -> None:
    with pytest.raises(PipelineError):
        load_pipeline(write("transform.sql", junk))
