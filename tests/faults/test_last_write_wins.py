"""The model that the fault runs are judged by, against cases worked out by hand."""

from __future__ import annotations

from last_write_wins import Arrival, Row, compare, end_state, generate, shuffled


def arrival(sequence: int, event_time: int, **features: str | None) -> Arrival:
    return Arrival(Row(sequence, "thing:1", "delays", event_time, features), sequence)


def test_the_newest_event_time_wins_whatever_the_order():
    first, second = arrival(0, 200, a="new"), arrival(1, 100, a="old")
    assert end_state([first, second]) == {"thing:1": {"@delays": "200-0", "a": "new"}}
    assert end_state([first, second], guarded=False) == {"thing:1": {"@delays": "100-1", "a": "old"}}


def test_of_two_rows_of_one_event_time_the_later_offset_wins():
    rows = [arrival(7, 100, a="second"), arrival(3, 100, a="first")]
    assert end_state(rows) == {"thing:1": {"@delays": "100-7", "a": "second"}}


def test_a_null_removes_and_an_absent_name_is_left_alone():
    rows = [arrival(0, 100, a="1", b="2", c="3"), arrival(1, 200, a=None, b="4")]
    assert end_state(rows) == {"thing:1": {"@delays": "200-1", "b": "4", "c": "3"}}


def test_a_late_row_brings_nothing_back_after_a_removal():
    rows = [arrival(0, 200, a=None, b=None), arrival(1, 100, a="1", b="2")]
    assert end_state(rows) == {"thing:1": {"@delays": "200-0"}}


def test_pipelines_of_one_entity_do_not_compare_their_times():
    other = Arrival(Row(0, "thing:1", "departures", 50, {"d": "1"}), 9)
    state = end_state([arrival(0, 200, a="1"), other])
    assert state == {"thing:1": {"@delays": "200-0", "a": "1", "@departures": "50-9", "d": "1"}}


def test_a_comparison_tells_lost_from_regressed():
    expected = {"thing:1": {"@delays": "200-1", "a": "1"}, "thing:2": {"@delays": "200-2"}}
    found = {"thing:1": {"@delays": "200-1", "a": "0", "back": "again"}}
    verdict = compare(found, expected)
    assert (verdict.lost, verdict.regressed) == (1, 2)
    assert verdict.examples[0] == "thing:1 a: found 0, expected 1"
    assert compare(expected, expected).examples == []


def test_rows_are_the_same_for_the_same_seed_and_of_every_kind():
    rows = generate(2_000, seed=1)
    assert rows == generate(2_000, seed=1)
    assert shuffled(rows, 2, 100) == shuffled(rows, 2, 100)
    assert len(shuffled(rows, 2, 100)) == 2_100
    assert any(all(value is None for value in row.features.values()) for row in rows)
    assert any(len(row.features) == 1 for row in rows)
    assert any(None in row.features.values() and set(row.features.values()) != {None} for row in rows)
    assert [row.event_time for row in rows] != sorted(row.event_time for row in rows)
