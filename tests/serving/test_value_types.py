"""Values by their declared type; fixtures/value_types.jsonl holds texts that are values, and others."""

import re
from typing import Any

import pytest
from featuremill_serving.value_types import ColumnKind, value_type
from hypothesis import given
from hypothesis import strategies as st
from serving_harness import cases

DECLARED = ["STRING", "BIGINT", "INT", "TINYINT", "DOUBLE", "BOOLEAN", "DATE", "ARRAY<INT>", "VARIANT"]


@pytest.mark.parametrize("case", cases("value_types.jsonl"))
def test_what_a_type_holds(case: dict[str, Any]) -> None:
    for declared in case["types"]:
        kind = value_type(declared)
        assert kind.kind is ColumnKind(case["column"])
        values, others = ([text.encode() for text in case[key]] for key in ("values", "others"))
        assert [value for value in values if not kind.holds(value)] == []
        assert [other for other in others if kind.holds(other)] == []
        assert kind.holds_all(values)
        assert [other for other in others if kind.holds_all([values[0], other])] == []
        assert [other for other in others if kind.exact and re.fullmatch(kind.plain, other)] == []


@pytest.mark.parametrize("declared", DECLARED)
def test_bytes_that_are_no_text_are_of_no_type(declared: str) -> None:
    assert not value_type(declared).holds(b"\xff")


TEXTS = st.sampled_from(["", "0", "-7", "127", "128", "1e5", "1.", ".5", "-.5", ".", "-", "1.2.3", "--1", "1-"])
TEXTS |= st.sampled_from(["true", "2013-01-01", "[1]", "a\nb", "1\n", "\n", "9" * 19, "0" * 20, "x"])


@given(st.sampled_from(DECLARED), st.lists(TEXTS.map(str.encode) | st.binary(max_size=3), min_size=1, max_size=6))
def test_many_values_are_looked_at_as_one_by_one(declared: str, stored: list[bytes]) -> None:
    kind = value_type(declared)
    assert kind.holds_all(stored) is all(kind.holds(each) for each in stored)
    assert not kind.holds_all([*stored, None])


@given(st.sampled_from(DECLARED), st.lists(st.text("0123456789.-+eE\n", max_size=4), min_size=1, max_size=3))
def test_many_numbers_are_looked_at_as_one_by_one(declared: str, texts: list[str]) -> None:
    kind = value_type(declared)
    stored = [text.encode() for text in texts]
    assert kind.holds_all(stored) is all(kind.holds(each) for each in stored)


@given(st.sampled_from([*DECLARED, "SMALLINT", "DECIMAL(9, 2)", "TIMESTAMP_LTZ(3)", "BYTES"]), st.data())
def test_what_looks_plain_is_one_line_and_of_its_type(declared: str, data: st.DataObject) -> None:
    kind = value_type(declared)
    plain = re.compile(kind.plain)
    stored = data.draw(TEXTS.map(str.encode) | st.binary(max_size=3) | st.from_regex(plain, fullmatch=True))
    if plain.fullmatch(stored):
        assert b"\n" not in stored
        assert not kind.exact or kind.holds(stored)


@given(st.sampled_from(["TINYINT", "SMALLINT", "INT", "BIGINT"]), st.integers(-(2**70), 2**70))
def test_whole_numbers_have_a_range(declared: str, number: int) -> None:
    bits = {"TINYINT": 8, "SMALLINT": 16, "INT": 32, "BIGINT": 64}[declared]
    holds = -(2 ** (bits - 1)) <= number < 2 ** (bits - 1)
    stored = str(number).encode()
    assert value_type(declared).holds(stored) is holds
    assert value_type(declared).holds_all([stored, stored]) is holds


@given(st.floats())
def test_every_double_is_one(number: float) -> None:
    assert value_type("DOUBLE").holds(repr(number).encode())
