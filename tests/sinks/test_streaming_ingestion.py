"""The streaming ingestion job's arguments and options; that it runs is for the end-to-end tests."""

from __future__ import annotations

import pytest
from featuremill_sinks import streaming_ingestion as ingestion
from featuremill_sinks.replay import of_event_times, offset_options

GIVEN = ["--redis", "redis:6379", "--bootstrap-servers", "kafka:9092"]


@pytest.fixture(autouse=True)
def no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEATUREMILL_REDIS_PASSWORD", raising=False)


def texts(*arguments: str) -> dict[str, str]:
    return ingestion.parse_arguments([*GIVEN, *arguments])[1].texts


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        ingestion.parse_arguments(list(arguments))
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_unreadable_rows_are_kept_from_stopping_the_job():
    offsets = ingestion.offsets_of_group("group", r"features\..*")
    options = ingestion.feature_source_options("kafka:9092", offsets)
    assert options["value.format"] == "featuremill-dead-letter"
    assert options["value.featuremill-dead-letter.format"] == "json"
    assert options["value.featuremill-dead-letter.stage"] == "feature-source"
    assert options["scan.topic-partition-discovery.interval"] == "10 s"
    assert options["scan.startup.mode"] == "group-offsets"
    assert options["properties.auto.offset.reset"] == "earliest"


def test_the_sinks_options():
    assert texts() == {
        "host": "redis",
        "port": "6379",
        "dead-letter.topic": "features-dead-letter",
        "dead-letter.bootstrap-servers": "kafka:9092",
    }


def test_the_password_comes_from_the_environment(monkeypatch):
    assert "password" not in texts()
    monkeypatch.setenv("FEATUREMILL_REDIS_PASSWORD", "a,b=c")
    assert texts()["password"] == "a,b=c"


def test_options_of_a_person_win():
    found = texts("--redis", "[::1]:6380", "--sink-option", "writer=batch", "--sink-option", "dead-letter.topic=x=y")
    assert (found["host"], found["port"]) == ("[::1]", "6380")
    assert (found["writer"], found["dead-letter.topic"]) == ("batch", "x=y")
    assert texts("--sink-option", "connector=featuremill-redis-forgetful")["connector"] == "featuremill-redis-forgetful"


def test_the_host_may_be_an_option():
    given = ["--bootstrap-servers", "kafka:9092", "--sink-option", "host=redis"]
    assert ingestion.parse_arguments(given)[1]["host"] == "redis"


@pytest.mark.parametrize("missing", ["--redis", "--bootstrap-servers"])
def test_a_missing_argument_is_named(missing, capsys):
    given = {"--redis": "redis:6379", "--bootstrap-servers": "kafka:9092"}
    del given[missing]
    assert missing in refused(capsys, *(part for pair in given.items() for part in pair))


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--redis", "redis", "redis"),
        ("--redis", "redis:", "redis:"),
        ("--redis", ":6379", ":6379"),
        ("--redis", "redis:70000", "Option 'port' must be a whole number between 1 and 65535"),
        ("--sink-option", "writer", "writer is not OPTION=VALUE"),
        ("--sink-option", "writer=btach", "Option 'writer' must be one of auto, stream, batch, not 'btach'"),
        ("--sink-option", "wirter=batch", "did you mean 'writer'"),
        ("--sink-option", "flush.interval=soon", "Option 'flush.interval' must be a duration"),
        ("--sink-option", "username=app", "Option 'username' needs 'password' beside it"),
    ],
)
def test_a_malformed_argument_is_refused(option, value, message, capsys):
    assert message in refused(capsys, *GIVEN, option, value)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--sink-option", "password=hunter2"],
        ["--sink-option", "passwrod=hunter2"],
        ["--sink-option", "password:hunter2"],
        ["--sink-option", "hunter2"],
        ["--password", "hunter2"],
        ["--password=hunter2"],
        ["hunter2"],
        ["--redis", "redis://:hunter2@redis:6379"],
        ["--redis", "app:hunter2@redis"],
    ],
)
def test_a_password_on_the_command_line_is_refused_and_not_shown(arguments, capsys):
    assert "hunter" not in refused(capsys, *GIVEN, *arguments)


def test_a_secret_on_the_command_line_is_told_its_variable(capsys):
    message = refused(capsys, *GIVEN, "--sink-option", "password=hunter2")
    assert "set the environment variable FEATUREMILL_REDIS_PASSWORD" in message


def test_help_and_messages_do_not_show_the_environments_secret(monkeypatch, capsys):
    monkeypatch.setenv("FEATUREMILL_REDIS_PASSWORD", "hunter2")
    with pytest.raises(SystemExit):
        ingestion.parse_arguments(["--help"])
    shown = capsys.readouterr().out
    assert "FEATUREMILL_REDIS_PASSWORD" in shown
    assert "hunter2" not in shown
    assert "hunter2" not in refused(capsys, *GIVEN, "--sink-option", "port=0")


REPLAY = ["--topic", "features.quality", "--range", "0:0:120", "--range", "1:5:5"]


def test_a_replay_reads_offsets_and_commits_none():
    given, _ = ingestion.parse_arguments([*GIVEN, *REPLAY])
    assert offset_options(given.topic, given.ranges) == {
        "topic": "features.quality",
        "scan.startup.mode": "specific-offsets",
        "scan.startup.specific-offsets": "partition:0,offset:0;partition:1,offset:5",
        "scan.bounded.mode": "specific-offsets",
        "scan.bounded.specific-offsets": "partition:0,offset:120;partition:1,offset:5",
    }


def test_event_times_are_a_condition_that_lets_bad_rows_through():
    given, _ = ingestion.parse_arguments(
        [*GIVEN, *REPLAY, "--from", "2013-01-01T00:00:00Z", "--before", "2013-01-02T01:00:00+01:00"]
    )
    assert of_event_times(given.first, given.before) == (
        "event_time IS NULL OR (event_time >= TO_TIMESTAMP_LTZ(1356998400000, 3)"
        " AND event_time < TO_TIMESTAMP_LTZ(1357084800000, 3))"
    )
    assert of_event_times(None, None) == "TRUE"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--topic", "features.quality"], "--topic and --range go together"),
        (["--range", "0:0:1"], "--topic and --range go together"),
        ([*REPLAY, "--range", "1:0:5"], "--range names a partition twice"),
        (["--topic", "flights", "--range", "0:0:1"], "is not of the feature source"),
        (["--from", "2013-01-01T00:00:00Z"], "--from and --before are for a replay"),
        (["--topic", "features.quality", "--range", "0:2:1"], "the first offset is behind the end"),
        (["--topic", "features.quality", "--range", "0:1"], "is not PARTITION:FIRST:END"),
        ([*REPLAY, "--from", "2013-01-01"], "is not an instant such as"),
        ([*REPLAY, "--before", "2013-02-30T00:00:00Z"], "is not an instant such as"),
    ],
)
def test_a_replay_that_makes_no_sense_is_refused(arguments, message, capsys):
    assert message in refused(capsys, *GIVEN, *arguments)
