"""The entity key: the shared fixture, and the properties that the escape must have."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from featuremill_codegen.entity_key import ESCAPED, PLAIN_TEST, entity_key, entity_key_sql, escape
from featuremill_codegen.types import BIGINT, STRING
from hypothesis import given
from hypothesis import strategies as st

FIXTURE = Path(__file__).parents[2] / "proto" / "entity-key.jsonl"
CASES = [json.loads(line) for line in FIXTURE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[str(case["entity_key"]) for case in CASES])
def test_fixture(case: dict[str, object]) -> None:
    values = case["values"]
    assert isinstance(values, list)
    assert entity_key(str(case["entity"]), values) == case["entity_key"]


def test_fixture_has_every_escaped_character() -> None:
    text = "".join(str(value) for case in CASES for value in case["values"])
    assert set(ESCAPED) <= set(text)
    assert any(case["entity_key"] is None for case in CASES)


@given(st.text(), st.text())
def test_escape_never_gives_one_text_to_two_values(left: str, right: str) -> None:
    assert (escape(left) == escape(right)) == (left == right)


@given(st.text())
def test_escape_can_be_undone_and_leaves_no_separator(value: str) -> None:
    escaped = escape(value)
    assert unquote(escaped, errors="surrogatepass") == value or "%" not in escaped
    assert re.search(r"[:{}\x00-\x1f\x7f]", escaped) is None


@given(st.text())
def test_the_plain_test_finds_just_what_needs_an_escape(value: str) -> None:
    assert (re.search(PLAIN_TEST, value) is not None) == (escape(value) != value)


@given(st.lists(st.text(min_size=1), min_size=2, max_size=3), st.lists(st.text(min_size=1), min_size=2, max_size=3))
def test_keys_of_two_entities_never_meet(left: list[str], right: list[str]) -> None:
    assert (entity_key("e", left) == entity_key("e", right)) == (left == right)


def test_sql_escapes_every_character_percent_first() -> None:
    sql = entity_key_sql("airport", ["airport"], [STRING])
    replaced = re.findall(r"('.'|U&'\\[0-9A-F]{4}'), '%([0-9A-F]{2})'\)", sql)
    assert [int(digits, 16) for _, digits in replaced] == [ord(char) for char in ESCAPED]
    assert replaced[0] == ("'%'", "25")
    assert sql.count("REPLACE(") == len(ESCAPED)
    assert sql.count("REGEXP(") == 1


def test_sql_of_an_integer_key_needs_no_escape() -> None:
    sql = entity_key_sql("user_item", ["user_id", "item_id"], [BIGINT, BIGINT])
    assert sql == "'user_item'\n|| ':' || CAST(`user_id` AS STRING)\n|| ':' || CAST(`item_id` AS STRING)"
