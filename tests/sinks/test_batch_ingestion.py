"""The batch ingestion job's arguments and options; that it runs is for test_jobs.py."""

from __future__ import annotations

from datetime import date

import pytest
from featuremill_sinks import batch_ingestion as ingestion

PARTITION = ["--feature-source", "/data/feature_source", "--pipeline", "quality", "--date", "2013-01-02"]
GIVEN = [*PARTITION, "--redis", "redis:6379"]
KAFKA = ["--bootstrap-servers", "kafka:9092"]


@pytest.fixture(autouse=True)
def no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEATUREMILL_REDIS_PASSWORD", raising=False)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        ingestion.parse_arguments(list(arguments))
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_the_batch_writer_is_asked_for_by_name():
    assert ingestion.parse_arguments([*GIVEN, *KAFKA])[1].texts == {
        "host": "redis",
        "port": "6379",
        "writer": "batch",
        "on-bad-row": "dead-letter",
        "dead-letter.topic": "features-dead-letter",
        "dead-letter.bootstrap-servers": "kafka:9092",
    }


def test_without_kafka_there_are_no_options_of_dead_letters():
    options = ingestion.parse_arguments([*GIVEN, "--on-bad-row", "fail"])[1].texts
    assert options == {"host": "redis", "port": "6379", "writer": "batch", "on-bad-row": "fail"}


def test_the_password_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("FEATUREMILL_REDIS_PASSWORD", "a,b=c")
    assert ingestion.parse_arguments([*GIVEN, *KAFKA])[1]["password"] == "a,b=c"


def test_options_of_a_person_are_taken():
    options = ingestion.parse_arguments([*GIVEN, *KAFKA, "--sink-option", "flush.max-rows=20000"])[1]
    assert options["flush.max-rows"] == 20_000


def test_the_partitions_folder():
    given, _ = ingestion.parse_arguments([*GIVEN, *KAFKA, "--ttl", "400 d"])
    assert (given.pipeline, given.days, given.ttl) == ("quality", [date(2013, 1, 2)], 400 * 86_400_000)
    assert given.name == "featuremill-batch-ingestion-quality-2013-01-02"
    for root in ("hdfs://name/feature_source", "hdfs://name/feature_source/"):
        found = ingestion.partition_path(root, given.pipeline, given.days[0])
        assert found == "hdfs://name/feature_source/quality/dt=2013-01-02"


def test_several_days_are_one_condition_on_the_partition():
    given, _ = ingestion.parse_arguments([*GIVEN, *KAFKA, "--to", "2013-01-04"])
    assert ingestion.among(given.days) == "dt IN ('2013-01-02', '2013-01-03', '2013-01-04')"
    assert given.name == "featuremill-batch-ingestion-quality-2013-01-02-to-2013-01-04"


def test_days_that_do_not_follow_each_other():
    given, _ = ingestion.parse_arguments([*GIVEN, *KAFKA, "--date", "2013-01-09", "--date", "2012-12-31"])
    assert given.days == [date(2012, 12, 31), date(2013, 1, 2), date(2013, 1, 9)]
    assert given.name == "featuremill-batch-ingestion-quality-2012-12-31-to-2013-01-09"


def test_a_history_is_written_under_the_streams_name():
    assert ingestion.parse_arguments([*GIVEN, *KAFKA])[0].written_as == "quality"
    assert ingestion.parse_arguments([*GIVEN, *KAFKA, "--written-as", "orders"])[0].written_as == "orders"
    assert "written_as" in ingestion.WRITE
    assert "written_as" not in ingestion.REJECT, "a dead letter is the batch's own"


def test_two_ways_to_name_days_do_not_go_together(capsys):
    message = refused(capsys, *GIVEN, *KAFKA, "--date", "2013-01-05", "--to", "2013-01-06")
    assert "--to goes with one --date" in message


def test_timestamps_are_read_as_utc():
    assert ingestion.partition_options("/data")["parquet.utc-timezone"] == "true"


@pytest.mark.parametrize("missing", ["--feature-source", "--pipeline", "--date", "--redis"])
def test_a_missing_argument_is_named(missing, capsys):
    at = GIVEN.index(missing)
    assert missing in refused(capsys, *GIVEN[:at], *GIVEN[at + 2 :], *KAFKA)


def test_dead_letters_need_kafka(capsys):
    assert "give --bootstrap-servers HOST:PORT, or --on-bad-row fail" in refused(capsys, *GIVEN)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--feature-source", "data/feature_source", "neither an absolute path nor a URI"),
        ("--pipeline", "Quality", "'Quality' is not a pipeline's name"),
        ("--pipeline", "quality/..", "is not a pipeline's name"),
        ("--date", "2013-02-30", "'2013-02-30' is not a day"),
        ("--date", "20130102", "'20130102' is not a day"),
        ("--to", "2013-01-01", "--to 2013-01-01 is before --date 2013-01-02"),
        ("--written-as", "Orders", "'Orders' is not a pipeline's name"),
        ("--ttl", "0 s", "must be between 1 ms and"),
        ("--ttl", "a week", "must be a duration such as"),
        ("--on-bad-row", "ignore", "ignore"),
        ("--sink-option", "writer=stream", "this job always has the batch writer"),
        ("--sink-option", "on-bad-row=fail", "takes --on-bad-row"),
        ("--sink-option", "flush.max-bytes=lots", "Option 'flush.max-bytes' must be a memory size"),
    ],
)
def test_a_malformed_argument_is_refused(option, value, message, capsys):
    assert message in refused(capsys, *GIVEN, *KAFKA, option, value)


def test_a_password_on_the_command_line_is_refused_and_not_shown(capsys):
    message = refused(capsys, *GIVEN, *KAFKA, "--sink-option", "password=hunter2")
    assert "FEATUREMILL_REDIS_PASSWORD" in message
    assert "hunter2" not in message
