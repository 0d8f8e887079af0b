"""How a topic's rows are read to be counted, and which dead letter speaks of which row. Replays are tests/e2e's."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from featuremill_local import topic_check
from featuremill_local.redis_server import RedisServer
from featuremill_local.replay_way import range_arguments
from featuremill_local.runs import new_run
from featuremill_local.topic_check import Rows, TopicRow, check_topic, letters_of, row_of

FIXTURE = Path(__file__).parent / "fixtures" / "topic_rows.jsonl"
LINES = [json.loads(line) for line in FIXTURE.read_text(encoding="utf-8").splitlines()]
TOPIC = "features.quality"


@dataclass
class Message:
    """What confluent_kafka gives."""

    bytes: bytes | None
    at: int = 7

    def topic(self) -> str:
        return TOPIC

    def partition(self) -> int:
        return 1

    def offset(self) -> int:
        return self.at

    def value(self) -> bytes | None:
        return self.bytes


def feature_row(key: str, hour: int, **features: str | None) -> bytes:
    value = {"entity_key": key, "event_time": f"2013-01-01T{hour:02}:00:00Z", "features": features}
    return json.dumps(value).encode()


@pytest.mark.parametrize("line", LINES, ids=[line["what"] for line in LINES])
def test_a_message_as_flink_takes_it(line: dict[str, Any]) -> None:
    value = None if line["value"] is None else line["value"].encode()
    key = line["key"] or f"{TOPIC}, partition 1, offset 7"
    assert row_of(Message(value)) == TopicRow(key, line["event_time"], line["features"], 7, 1, value)


def letter(stage: str, reason: str, value: bytes | None, offset: int | None = None, topic: str = TOPIC) -> Any:
    origin = {"table": None, "topic": topic if offset is not None else None, "partition": 1, "offset": offset}
    encoded = None if value is None else base64.b64encode(value).decode()
    return {"stage": stage, "reason": reason, "origin": origin, "value_base64": encoded}


def test_a_letter_speaks_of_a_row_by_its_place_its_bytes_or_its_key_and_time():
    refused = feature_row("a:1", 6, x="1")
    letters = letters_of(
        [
            letter("feature-source", "null-key", b"by place", 3),
            letter("feature-source", "null-key", b"elsewhere", 4, topic="features.other"),
            letter("feature-source", "unreadable", b"{"),
            letter("feature-source", "null-value", None),
            letter("redis", "wrong-type", refused),
            letter("source", "unreadable", b"of another's"),
        ],
        TOPIC,
    )
    assert letters.reason(row_of(Message(b"{}", 3))) == "null-key"
    assert letters.reason(row_of(Message(b"{}", 4))) is None
    assert letters.reason(row_of(Message(b"{"))) == "unreadable"
    assert letters.reason(row_of(Message(None))) == "null-value"
    assert letters.reason(row_of(Message(feature_row("a:1", 6, y="2")))) == "wrong-type"
    assert letters.reason(row_of(Message(feature_row("a:1", 7, x="1")))) is None
    assert letters.reason(row_of(Message(b"of another's"))) is None


def test_every_row_of_the_topic_is_accounted_for(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [
        feature_row("a:1", 5, x="old"),
        feature_row("a:1", 6, x="1"),
        feature_row("a:2", 6, x="2"),
        feature_row("a:3", 6, x="3"),
        b"{",
        b"silently lost",
        feature_row("a:1", 9, x="of another time"),
    ]
    messages = [Message(value, offset) for offset, value in enumerate(values)]
    monkeypatch.setattr(topic_check, "read_all", lambda kafka, topic, within: iter(messages))
    rows = Rows(TOPIC, {1: (0, 7)}, datetime(2013, 1, 1, tzinfo=UTC), datetime(2013, 1, 1, 9, tzinfo=UTC))
    with new_run("topic_check") as run:
        server = RedisServer(run.processes, run.ports)
        server.start()
        redis = server.client()
        redis.hset("a:1", mapping={"@quality": "1357020000000-1", "x": "1"})
        redis.hset("a:2", mapping={"@quality": "1357020000000-2", "x": "another"})
        letters = [letter("feature-source", "unreadable", b"{")]
        check = check_topic("", rows, letters, redis, "quality")
    report = check.report
    assert (report["rows"], report["written"], report["guarded"], report["left_out"]) == (6, 2, 1, 1)
    assert (report["rejected"], report["missing"]) == ({"unreadable": 1}, 2)
    assert report["missing_keys"] == ["a:3", f"{TOPIC}, partition 1, offset 5"]
    assert check.problems == [
        "a:2 x: '2' in the feature source, 'another' in Redis",
        f"2 rows of the feature source can't be found in Redis: a:3, {TOPIC}, partition 1, offset 5",
    ]
    assert [(row.entity_key, row.offset) for row in check.compared] == [("a:1", 1), ("a:2", 2)]


def test_the_ingestion_job_is_told_the_same_rows():
    from featuremill_sinks.streaming_ingestion import parse_arguments

    rows = Rows(TOPIC, {0: (3, 9), 1: (0, 0)}, before=datetime(2013, 1, 2, tzinfo=UTC))
    given, _ = parse_arguments(["--redis", "r:1", "--bootstrap-servers", "k:1", *range_arguments(rows)])
    assert (given.topic, given.ranges) == (TOPIC, [(0, 3, 9), (1, 0, 0)])
    assert (given.first, given.before) == (None, datetime(2013, 1, 2, tzinfo=UTC))
    assert rows.count() == 6
