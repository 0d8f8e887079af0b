"""The layout in Redis, as the reading side knows it."""

import re

import hiredis
import pytest
from featuremill_serving import layout
from hypothesis import example, given
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


@given(st.lists(st.none() | st.binary(max_size=25) | st.from_regex(rb"-?[0-9]{1,20}-[0-9]{1,20}", fullmatch=True)))
def test_many_last_writes_are_told_as_one_by_one(last_writes: list[bytes | None]) -> None:
    one_by_one = [None if each is None else layout.parse_event_time(each) for each in last_writes]
    assert layout.parse_event_times(last_writes) == one_by_one


@given(st.binary(max_size=25) | st.from_regex(rb"-?[0-9]{1,20}-[0-9]{1,20}", fullmatch=True))
@example(b"9" * 19 + b"-1")
def test_what_looks_like_a_plain_last_write_has_its_event_time(last_write: bytes) -> None:
    plain = re.fullmatch(layout.PLAIN_LAST_WRITE, last_write)
    assert plain is None or int(plain[1]) == layout.parse_event_time(last_write)


def test_a_read_asks_for_each_field_once() -> None:
    read = layout.Read(["b", "a", "b"], ["p", "q", "p"])
    assert (read.features, read.pipelines, read.fields) == (("b", "a"), ("p", "q"), ("b", "a", "@p", "@q"))
    command = b"*6\r\n$5\r\nHMGET\r\n$1\r\nk\r\n$1\r\nb\r\n$1\r\na\r\n$2\r\n@p\r\n$2\r\n@q\r\n"
    assert read.command(b"k") == command
    assert read.commands([b"k", b"k"]) == 2 * command
    assert read.rows([[b"2", None, b"5-1", None]]) == [[b"2", None, b"5-1", None]]


def test_most_of_a_hash_is_read_whole() -> None:
    names = [f"f{number}" for number in range(80)]
    read = layout.Read(names, ["p"], 82)
    assert read.command("é".encode()) == b"*2\r\n$7\r\nHGETALL\r\n$2\r\n\xc3\xa9\r\n"
    assert read.rows([[b"f1", b"1", b"other", b"2", b"@p", b"5-1"]]) == [[None, b"1", *[None] * 78, b"5-1"]]
    assert read.rows([[]]) == [[None] * 81]
    assert not layout.Read(names, ["p"], 200).whole
    assert not layout.Read(names[:20], ["p"], 82).whole
    assert not layout.Read(names, ["p"]).whole


@pytest.mark.parametrize("whole", [False, True])
def test_a_reply_of_another_length_is_not_taken(whole: bool) -> None:
    read = layout.Read([f"f{number}" for number in range(80)], ["p"], 82 if whole else None)
    with pytest.raises(ValueError, match=r"for 81 fields|longer|shorter"):
        read.rows([[b"1"]])


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("other", [17, 1.5, True, "text", [b"1"], {b"a": b"1"}, hiredis.ReplyError("ERR")])
def test_a_reply_of_something_else_than_values_is_not_taken(whole: bool, other: object) -> None:
    read = layout.Read([f"f{number}" for number in range(80)], [], 80 if whole else None)
    reply = [b"f1", b"1"] * 40
    with pytest.raises(ValueError, match=f"a {type(other).__name__} for a value"):
        read.rows([reply, [*reply[:-1], other]])


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
