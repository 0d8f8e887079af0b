"""What a local run prints."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from featuremill_local.display import age_text, counted, counts_line, feature_table, print_dead_letters
from featuremill_local.serving_process import Answer
from rich.console import Console

NOW = datetime(2013, 1, 4, 12, tzinfo=UTC)


def printed_table(answers: list[Answer], width: int) -> str:
    output = io.StringIO()
    console = Console(file=output, width=width)
    console.print(feature_table(answers, ["departures_1h", "mean_delay"], NOW, "title", console))
    return output.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3600, "1 h"), (3725, "1 h 2 min"), (97200, "1 d 3 h"), (-5, "0 s")],
)
def test_age(seconds, text):
    assert age_text(timedelta(seconds=seconds)) == text


def test_table_shows_values_statuses_and_age():
    hour_ago = int((NOW - timedelta(hours=1)).timestamp() * 1000)
    text = printed_table(
        [
            Answer("airport:JFK", ["17", ""], ["PRESENT", "MISSING"], [hour_ago, hour_ago]),
            Answer("airport:LGA", ["3", "4.5"], ["STALE", "STALE"], [hour_ago, hour_ago]),
            Answer("airport:XXX", ["", ""], ["MISSING", "MISSING"], [0, 0]),
        ],
        width=120,
    )
    jfk, lga, none = (line for line in text.splitlines() if "airport:" in line)
    assert "17" in jfk
    assert "missing" in jfk
    assert "2013-01-04 11:00:00" in jfk
    assert "PRESENT, 1 h old" in jfk
    assert "STALE, 1 h old" in lga
    assert "unknown" in none
    assert "MISSING" in none


def test_a_table_that_is_too_wide_has_a_line_for_each_feature():
    hour_ago = int((NOW - timedelta(hours=1)).timestamp() * 1000)
    answer = Answer("airport:JFK", ["17", "4.25"], ["PRESENT", "PRESENT"], [hour_ago, hour_ago])
    text = printed_table([answer], width=76)
    (departures,) = (line for line in text.splitlines() if "departures_1h" in line)
    (delay,) = (line for line in text.splitlines() if "mean_delay" in line)
    assert "airport:JFK" in departures
    assert "17" in departures
    assert "4.25" in delay
    assert "PRESENT, 1 h old" in text


def test_counts_name_the_kinds_of_dead_letters():
    letters = [{"stage": "source", "reason": "unreadable"}] * 2 + [{"stage": "query", "reason": "null-key"}]
    assert (
        counts_line("2,677 rows in, 1,032 feature rows of 3 entities", letters).plain
        == "2,677 rows in, 1,032 feature rows of 3 entities, 3 dead letters (query/null-key 1, source/unreadable 2)"
    )
    assert counts_line(f"{counted(1, 'row')} in", []).plain == "1 row in, no dead letters"


def test_dead_letter_shows_where_why_and_what():
    output = io.StringIO()
    letter = {
        "pipeline": "a",
        "stage": "source",
        "reason": "unreadable",
        "message": "Unrecognized token 'not'",
        "origin": {"table": "t", "topic": None, "partition": None, "offset": None},
        "value_base64": "bm90IGpzb24=",
        "at": "2026-01-01T00:00:00.000Z",
    }
    print_dead_letters(Console(file=output, width=120), [letter, letter], 1)
    text = output.getvalue()
    for said in ("source/unreadable", "table t", "Unrecognized token 'not'", "not json", "1 earlier"):
        assert said in text
