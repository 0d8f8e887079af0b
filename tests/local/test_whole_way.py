"""When a run counts a row as arrived. That rows do arrive is for the end-to-end tests."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from featuremill_local.serving_process import Answer
from featuremill_local.topics import FeatureRow
from featuremill_local.way import last_by_key, newest_first, shows

AT = datetime.fromisoformat("2020-01-01T00:00:00Z")
AT_MS = 1_577_836_800_000
ROW = FeatureRow("a:1", AT, {"x": "1", "y": None}, 0, 0)
DEFAULTS = {"y": None, "x": "0"}


@pytest.mark.parametrize(
    ("values", "event_time_ms", "arrived"),
    [
        (["", "1"], AT_MS, True),
        (["", ""], AT_MS, False),  # an earlier row with the same event time
        (["", "2"], AT_MS, False),
        (["", "1"], AT_MS - 1, False),
        (["", "2"], AT_MS + 1, True),  # a newer row came meanwhile
        (["", "1"], 0, False),
    ],
)
def test_a_row_has_arrived_when_the_service_answers_it(values, event_time_ms, arrived):
    answer = Answer("a:1", values, ["MISSING", "PRESENT"], [event_time_ms, event_time_ms])
    assert shows(answer, ROW, DEFAULTS) is arrived


def test_a_default_stands_in_for_a_missing_value():
    removed = FeatureRow("a:1", AT, {"x": None, "y": None}, 0, 0)
    assert shows(Answer("a:1", ["", "0"], ["MISSING", "DEFAULTED"], [AT_MS, AT_MS]), removed, DEFAULTS)
    assert not shows(Answer("a:1", ["", "1"], ["MISSING", "PRESENT"], [AT_MS, AT_MS]), removed, DEFAULTS)


def test_nothing_has_arrived_while_the_service_knows_no_time():
    assert not shows(Answer("a:1", ["", ""], ["MISSING", "MISSING"], []), ROW, DEFAULTS)


def test_the_last_row_of_a_key_wins_by_event_time_and_then_by_offset():
    lines = (Path(__file__).parent / "fixtures" / "last_by_key.jsonl").read_text().splitlines()
    rows = [
        FeatureRow(value["key"], datetime.fromisoformat(value["time"]), {"v": value["v"]}, 0, offset)
        for offset, value in enumerate(map(json.loads, lines))
    ]
    assert {key: row.features["v"] for key, row in last_by_key(rows).items()} == {"a": "newest", "b": "second"}


def test_the_newest_entities_come_first():
    answers = [Answer("b", [], [], [1]), Answer("a", [], [], [1]), Answer("c", [], [], [2]), Answer("d", [], [], [])]
    assert [answer.entity for answer in newest_first(answers)] == ["c", "a", "b", "d"]
