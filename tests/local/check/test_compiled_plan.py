"""Compiled plans, as Flink wrote them (fixtures/plans): the query's changes, and what is kept, how long."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest
from featuremill_local.check import compiled_plan, report, row_sizes, type_check
from featuremill_local.check.compiled_plan import Plan
from featuremill_local.check.report import until

PLANS = Path(__file__).parent / "fixtures" / "plans"
TWO_DAYS = 2 * 86_400_000


def plan(name: str) -> Plan:
    return Plan((PLANS / f"{name}.json").read_text(encoding="utf-8"))


def test_a_window_drops_its_state_by_itself() -> None:
    read = plan("windows")
    (operator,) = read.operators()
    assert read.changes() == ("INSERT",)
    assert (operator.kind, operator.keys, operator.is_unbounded) == ("GlobalWindowAggregate", ("airport",), False)
    assert operator.states[0].entry == "one for each airport and window"
    assert until(operator, operator.states[0]) == "when the watermark has passed its window's end"


def test_an_aggregate_without_a_time_to_live_is_unbounded() -> None:
    read = plan("an_aggregate")
    (operator,) = read.operators()
    assert read.changes() == ("INSERT", "UPDATE_BEFORE", "UPDATE_AFTER")
    assert (operator.kind, operator.keys, operator.is_unbounded) == ("GroupAggregate", ("page",), True)
    (state,) = operator.states
    assert state.entry == "one for each page, and in it every distinct value"
    assert state.entry_bytes == 8 + 3 * 8
    assert until(operator, state) == "never: unbounded"


def test_the_sides_of_a_join_have_times_to_live_of_their_own() -> None:
    operators = plan("joins_and_a_rank").operators()
    assert [operator.kind for operator in operators] == ["Rank", "Join", "Join", "GroupAggregate", "Join"]
    rank, airports, *_ = operators
    assert (rank.keys, rank.states[0].entry) == (("tail_number",), "one row for each tail_number")
    assert airports.keys == ("origin",)
    assert [(state.name, state.ttl_ms) for state in airports.states] == [("leftState", TWO_DAYS), ("rightState", None)]


@pytest.mark.parametrize("module", [compiled_plan, report, row_sizes, type_check], ids=lambda module: module.__name__)
def test_examples(module: object) -> None:
    assert doctest.testmod(module).failed == 0
