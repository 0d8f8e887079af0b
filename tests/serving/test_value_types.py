"""Values by their declared type; fixtures/value_types.jsonl holds texts that are values, and others."""

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
        assert [text for text in case["values"] if kind.decode(text.encode()) != text] == []
        assert [text for text in case["others"] if kind.decode(text.encode()) is not None] == []


@pytest.mark.parametrize("declared", DECLARED)
def test_bytes_that_are_no_text_are_of_no_type(declared: str) -> None:
    assert value_type(declared).decode(b"\xff") is None


TEXTS = st.sampled_from(["", "0", "-7", "127", "128", "1e5", "true", "2013-01-01", "[1]", "a\nb", "9" * 19, "x"])


@given(st.sampled_from(DECLARED), st.lists(TEXTS.map(str.encode) | st.binary(max_size=3), max_size=6))
def test_many_values_are_decoded_as_one_by_one(declared: str, stored: list[bytes]) -> None:
    kind = value_type(declared)
    assert list(kind.decode_all(stored)) == [kind.decode(each) for each in stored]


@given(st.sampled_from(["TINYINT", "SMALLINT", "INT", "BIGINT"]), st.integers(-(2**70), 2**70))
def test_whole_numbers_have_a_range(declared: str, number: int) -> None:
    bits = {"TINYINT": 8, "SMALLINT": 16, "INT": 32, "BIGINT": 64}[declared]
    holds = -(2 ** (bits - 1)) <= number < 2 ** (bits - 1)
    assert value_type(declared).holds(str(number)) is holds
    assert (value_type(declared).decode_all([str(number).encode()] * 2) == [str(number)] * 2) is holds


@given(st.floats())
def test_every_double_is_one(number: float) -> None:
    assert value_type("DOUBLE").holds(repr(number))
