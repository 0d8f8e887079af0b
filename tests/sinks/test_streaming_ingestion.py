"""The ingestion job's statements; that it runs is for the end-to-end tests."""

from __future__ import annotations

import pytest
from featuremill_sinks import streaming_ingestion as ingestion


def test_literals_are_quoted():
    assert ingestion.quoted("it's") == "'it''s'"
    assert ingestion.with_options({"a": "1", "b": "x'y"}) == "'a' = '1',\n  'b' = 'x''y'"


def test_unreadable_rows_are_kept_from_stopping_the_job():
    options = ingestion.feature_source_options("kafka:9092", "group", r"features\..*")
    assert options["value.format"] == "featuremill-dead-letter"
    assert options["value.featuremill-dead-letter.format"] == "json"
    assert options["value.featuremill-dead-letter.stage"] == "feature-source"
    assert options["scan.topic-partition-discovery.interval"] == "10 s"
    assert options["scan.startup.mode"] == "group-offsets"
    assert options["properties.auto.offset.reset"] == "earliest"


def test_the_password_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv("FEATUREMILL_REDIS_PASSWORD", raising=False)
    assert "password" not in ingestion.redis_options("redis:6379", "kafka:9092", [])
    monkeypatch.setenv("FEATUREMILL_REDIS_PASSWORD", "a,b=c")
    assert ingestion.redis_options("redis:6379", "kafka:9092", [])["password"] == "a,b=c"


def test_options_of_a_person_win():
    options = ingestion.redis_options("[::1]:6379", "kafka:9092", ["writer=batch", "password=x=y"])
    assert (options["host"], options["port"]) == ("[::1]", "6379")
    assert (options["writer"], options["password"]) == ("batch", "x=y")


@pytest.mark.parametrize("missing", ["--redis", "--bootstrap-servers"])
def test_a_missing_argument_is_named(missing, capsys):
    given = {"--redis": "redis:6379", "--bootstrap-servers": "kafka:9092"}
    del given[missing]
    with pytest.raises(SystemExit) as ended:
        ingestion.parse_arguments([part for pair in given.items() for part in pair])
    assert ended.value.code == 2
    assert missing in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value"),
    [("--redis", "redis"), ("--redis", "redis:"), ("--redis", ":6379"), ("--sink-option", "writer")],
)
def test_a_malformed_argument_is_refused(option, value, capsys):
    with pytest.raises(SystemExit) as ended:
        ingestion.parse_arguments(["--redis", "redis:6379", "--bootstrap-servers", "kafka:9092", option, value])
    assert ended.value.code == 2
    assert value in capsys.readouterr().err
