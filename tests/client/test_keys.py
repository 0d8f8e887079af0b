"""Entity keys, by the fixture that Flink and Spark share."""

from __future__ import annotations

import doctest
import json
from datetime import date, datetime

import pytest
from featuremill_client import entity_key, keys, sql_types
from serving_harness import PROTO

CASES = [json.loads(line) for line in (PROTO / "entity-key.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["values"]))
def test_the_shared_fixture(case):
    if case["entity_key"] is not None:
        assert entity_key(case["entity"], *case["values"]) == case["entity_key"]
        return
    with pytest.raises((ValueError, TypeError), match="a key value is"):
        entity_key(case["entity"], *case["values"])


def test_a_date():
    assert entity_key("day", date(2013, 1, 31)) == "day:2013-01-31"


@pytest.mark.parametrize("value", [1.5, True, b"JFK", datetime(2013, 1, 31)])
def test_no_key_value(value):
    with pytest.raises(TypeError, match="must be a str, an int or a date"):
        entity_key("airport", value)


@pytest.mark.parametrize("entity", ["", "Airport", "a:b", "1a", "a" * 64])
def test_no_entity(entity):
    with pytest.raises(ValueError, match="is no entity's name"):
        entity_key(entity, "JFK")


def test_no_value():
    with pytest.raises(ValueError, match="needs a value"):
        entity_key("airport")


@pytest.mark.parametrize("module", [keys, sql_types])
def test_the_examples_of_docstrings(module):
    done = doctest.testmod(module)
    assert done.attempted
    assert not done.failed
