"""The layout in Redis, as the reading side knows it."""

import pytest
from featuremill_serving import layout
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("last_write", "event_time_ms"),
    [
        (b"1357020000000-17", 1_357_020_000_000),
        (b"0-0", 0),
        (b"-5000-3", -5000),
        (b"9223372036854775807-1", 2**63 - 1),
        (b"9223372036854775808-1", None),
        (b"-9223372036854775808-1", -(2**63)),
        (b"", None),
        (b"-", None),
        (b"1357020000000", None),
        (b"1357020000000-", None),
        (b"1357020000000-17\n", None),
        (b" 1-1", None),
        (b"1.5-1", None),
        ("\u0661-1".encode(), None),
        (b"\xff\xfe-1", None),
        (b"1" * 5000 + b"-1", None),
    ],
)
def test_event_time_of_a_last_write(last_write: bytes, event_time_ms: int | None) -> None:
    assert layout.parse_event_time(last_write) == event_time_ms


@given(st.binary(max_size=40))
def test_no_last_write_is_too_strange(last_write: bytes) -> None:
    event_time_ms = layout.parse_event_time(last_write)
    assert event_time_ms is None or -(2**63) <= event_time_ms < 2**63


def test_a_read_asks_for_each_field_once() -> None:
    read = layout.plan("airport:JFK", ["b", "a", "b"], ["p", "q", "p"])
    assert (read.key, read.fields) == ("airport:JFK", ("b", "a", "@p", "@q"))
    assert read.decode([b"2", None, b"5-1", None]) == layout.Snapshot({"b": b"2"}, {"p": 5})


def test_a_reply_of_another_length_is_not_taken() -> None:
    with pytest.raises(ValueError, match="shorter"):
        layout.plan("airport:JFK", ["a"], ["p"]).decode([b"1"])


@pytest.mark.parametrize(
    ("entity_name", "entity"),
    [
        ("airport:JFK", "airport"),
        ("user_item:u%3A1:42", "user_item"),
        ("airport::", "airport"),
        ("airport", None),
        ("airport:", None),
        (":JFK", None),
        ("Airport:JFK", None),
        ("@registry:x", None),
        ("airport\n:JFK", None),
        ("", None),
    ],
)
def test_entity_of_an_entity_key(entity_name: str, entity: str | None) -> None:
    assert layout.entity_of(entity_name) == entity


@pytest.mark.parametrize("name", ["a", "departures_1h", "a" * 63])
def test_names(name: str) -> None:
    assert layout.is_name(name)


@pytest.mark.parametrize("name", ["", "A", "1a", "_a", "@a", "a-b", "a" * 64, "a\n", "ä"])
def test_no_names(name: str) -> None:
    assert not layout.is_name(name)
