"""Where two lists of feature rows differ."""

from __future__ import annotations

from pathlib import Path

import pytest
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.cases.difference import NO_FEATURE, NO_ROW, Difference, along_the_way, at_the_end
from featuremill_local.cases.outcome import Outcome
from featuremill_local.cases.wire import FeatureRow

FOLDER = Path(__file__).parent / "fixtures" / "pipelines" / "readings"
SIX, SEVEN = "2026-01-01T06:00:00Z", "2026-01-01T07:00:00Z"


@pytest.fixture(scope="module")
def pipeline():
    return load_pipeline(FOLDER)


def row(key="place:a:1", at=SIX, price="1.50", highest="7"):
    return FeatureRow(key, at, {"price": price, "highest": highest})


def test_the_same_values_in_another_form_are_no_difference(pipeline):
    assert at_the_end(pipeline, [row()], [row(at="2026-01-01T06:00:00.000Z", price="1.5")]) == []


def test_a_value_a_null_and_a_time(pipeline):
    found = at_the_end(pipeline, [row(highest=None)], [row(at=SEVEN, price="1.51")])
    assert found == [
        Difference("place:a:1", "event_time", SIX, SEVEN),
        Difference("place:a:1", "price", "1.50", "1.51"),
        Difference("place:a:1", "highest", None, "7"),
    ]


def test_a_key_too_many_and_one_too_few(pipeline):
    found = at_the_end(pipeline, [row("place:b:1")], [row("place:a:1")])
    assert [(each.entity_key, each.feature, each.expected, each.actual) for each in found] == [
        ("place:a:1", "event_time", NO_ROW, SIX),
        ("place:a:1", "price", NO_ROW, "1.50"),
        ("place:a:1", "highest", NO_ROW, "7"),
        ("place:b:1", "event_time", SIX, NO_ROW),
        ("place:b:1", "price", "1.50", NO_ROW),
        ("place:b:1", "highest", "7", NO_ROW),
    ]


def test_a_feature_too_many_and_one_too_few(pipeline):
    found = at_the_end(pipeline, [FeatureRow("place:a:1", SIX, {"prise": "1", "highest": "7"})], [row(price=None)])
    assert found == [
        Difference("place:a:1", "price", NO_FEATURE, None),
        Difference("place:a:1", "prise", "1", NO_FEATURE),
    ]


def test_along_the_way_a_row_is_missing(pipeline):
    rows = [row(price="1"), row(price="2"), row(price="3")]
    found = along_the_way(pipeline, rows, [rows[0], rows[2]])
    assert {each.where for each in found} == {"row 2"}
    assert [each.actual for each in found] == [NO_ROW] * 3


def test_along_the_way_a_value_and_the_order_differ(pipeline):
    assert along_the_way(pipeline, [row(), row(at=SEVEN)], [row(), row(at=SEVEN, highest="8")]) == [
        Difference("place:a:1", "highest", "7", "8", "row 2")
    ]
    other = row("place:b:1")
    assert along_the_way(pipeline, [row(), other], [row(), other]) == []
    swapped = along_the_way(pipeline, [row(), other], [other, row()])
    assert {(each.expected == NO_ROW, each.actual == NO_ROW) for each in swapped} == {(True, False), (False, True)}
    assert len({each.entity_key for each in swapped}) == 1


def test_the_last_row_is_the_newest_and_of_two_the_later():
    newest = [row(at=SEVEN, price="1"), row(at=SIX, price="2")]
    assert Outcome(tuple(newest)).last() == [newest[0]]
    ties = [row("place:b:1"), row(price="1"), row(price=None, highest=None)]
    assert Outcome(tuple(ties)).last() == [ties[2], ties[0]]
