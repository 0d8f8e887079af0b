"""The model that the fault runs are judged by, against cases worked out by hand."""

from __future__ import annotations

from last_write_wins import (
    FOR_EVER,
    NAMES,
    TIMES_TO_LIVE,
    Arrival,
    Row,
    compare,
    end_expiries,
    end_state,
    generate,
    shuffled,
    wrong_expiries,
)


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


def mortal(sequence: int, event_time: int, ttl_ms: int | None, pipeline: str = "delays") -> Arrival:
    """A row that was produced at 1000 and its sequence."""
    return Arrival(Row(sequence, "thing:1", pipeline, event_time, {}, ttl_ms), sequence, 1_000 + sequence)


def test_a_key_lives_as_long_as_the_row_asks_that_asks_for_most():
    rows = [mortal(0, 100, 500), mortal(1, 200, 90), mortal(2, 50, 80, "departures")]
    assert end_expiries(rows, 2_000) == {"thing:1": (1_500, 2_500)}
    assert end_expiries([*rows, mortal(3, 300, 500)], 2_000) == {"thing:1": (1_503, 2_500)}


def test_a_row_that_is_turned_away_extends_nothing():
    assert end_expiries([mortal(0, 200, 500), mortal(1, 100, 700)], 2_000) == {"thing:1": (1_500, 2_500)}
    assert end_expiries([mortal(0, 200, 500), mortal(1, 100, None)], 2_000) == {"thing:1": (1_500, 2_500)}


def test_one_row_that_asks_for_no_end_is_enough():
    for rows in ([None, 500], [500, None], [500, None, 700]):
        arrivals = [mortal(sequence, 100 + sequence, ttl_ms) for sequence, ttl_ms in enumerate(rows)]
        assert end_expiries(arrivals, 2_000) == {"thing:1": (FOR_EVER, FOR_EVER)}


def test_an_expiry_is_wrong_outside_of_its_bounds():
    expected = {"thing:1": (1_500, 2_500), "thing:2": (FOR_EVER, FOR_EVER)}
    assert wrong_expiries({"thing:1": 1_500, "thing:2": FOR_EVER, "thing:3": 7}, expected) == []
    assert wrong_expiries({"thing:1": 2_500}, expected) == []
    assert wrong_expiries({"thing:1": 1_499}, expected) == ["thing:1 expires at 1499, expected 1500 to 2500"]
    assert len(wrong_expiries({"thing:1": 2_501, "thing:2": 2_000}, expected)) == 2
    assert len(wrong_expiries({"thing:1": FOR_EVER}, expected)) == 1


def test_rows_are_the_same_for_the_same_seed_and_of_every_kind():
    rows = generate(2_000, seed=1)
    assert rows == generate(2_000, seed=1)
    assert shuffled(rows, 2, 100) == shuffled(rows, 2, 100)
    assert len(shuffled(rows, 2, 100)) == 2_100
    assert any(all(value is None for value in row.features.values()) for row in rows)
    assert any(len(row.features) == 1 for row in rows)
    assert any(None in row.features.values() and set(row.features.values()) != {None} for row in rows)
    assert [row.event_time for row in rows] != sorted(row.event_time for row in rows)
    assert {row.ttl_ms for row in rows} == {None, *TIMES_TO_LIVE["departures"]}
    assert {len(row.features) for row in generate(2_000, seed=1, whole=True)} == {NAMES}
