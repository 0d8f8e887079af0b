"""Expected dead letters against those that came."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.cases.letters import DeadLetter, letter_of, read_letters, unmatched, write_letters
from featuremill_local.cases.show import show_letters
from rich.console import Console

TWO_TABLES = load_pipeline(Path(__file__).parent / "fixtures" / "pipelines" / "readings")
PIPELINE = replace(TWO_TABLES, tables=TWO_TABLES.tables[:1])
NO_ORIGIN = dict.fromkeys(("table", "topic", "partition", "offset"))


def came(value, reason="null-key") -> DeadLetter:
    text = value if isinstance(value, str) else json.dumps(value)
    return letter_of(
        {
            "pipeline": "readings",
            "stage": "query",
            "reason": reason,
            "message": "null or empty key: slot",
            "origin": NO_ORIGIN,
            "value_base64": base64.b64encode(text.encode()).decode(),
            "at": "2026-01-01T06:00:00.000Z",
        }
    )


def expected(**members) -> DeadLetter:
    return DeadLetter({"reason": "null-key", **members})


ROW = {"sensor": "a", "slot": None, "price": "1.50"}


@pytest.mark.parametrize(
    "letter",
    [
        expected(),
        expected(stage="query", message="null or empty key: slot", origin={"topic": None}),
        expected(value=ROW),
        expected(value={"slot": None}),
        expected(value={**ROW, "price": "1.5"}),  # the same DECIMAL
    ],
)
def test_what_is_expected_came(letter):
    assert unmatched(PIPELINE, [letter], [came(ROW)]) == ([], [])


@pytest.mark.parametrize(
    "letter",
    [
        DeadLetter({"reason": "null-event-time"}),
        expected(origin={"topic": "t"}),
        expected(value={**ROW, "price": "1.51"}),
        expected(value={"sensor": "b"}),
        expected(value={"room": None}),
        expected(value="a"),
    ],
)
def test_what_is_expected_is_missing_and_what_came_is_unexpected(letter):
    actual = came(ROW)
    assert unmatched(PIPELINE, [letter], [actual]) == ([letter], [actual])


def test_the_order_does_not_count_and_each_letter_counts_once():
    first, second = came({"n": "1"}), came({"n": "2"})
    loose, strict = expected(), expected(value={"n": "1"})
    assert unmatched(PIPELINE, [loose, strict], [first, second]) == ([], [])
    assert unmatched(PIPELINE, [strict, strict], [first, second]) == ([strict], [second])


def test_with_two_tables_a_letter_may_come_any_number_of_times(tmp_path):
    early, late = came(ROW | {"price": None}), came(ROW)
    stable, other = expected(value={"sensor": "a"}), expected(value={"sensor": "b"})
    for letters in ([late], [early, late]):
        assert unmatched(TWO_TABLES, [stable], letters) == ([], [])
    assert unmatched(TWO_TABLES, [stable, other], [late]) == ([other], [])
    assert unmatched(TWO_TABLES, [other], [late]) == ([other], [late])
    assert write_letters(TWO_TABLES, tmp_path / "letters", [early, late])
    (line,) = (tmp_path / "letters").read_text().splitlines()
    assert json.loads(line) == {"reason": "null-key", "value": {"sensor": "a", "slot": None, "event_time": None}}


def test_bytes_that_are_no_json_are_text():
    assert came("\\{").members["value"] == "\\{"
    assert unmatched(PIPELINE, [expected(value="\\{")], [came("\\{")]) == ([], [])


def test_what_was_written_is_read_back(tmp_path):
    path = tmp_path / "expected.dead_letters.jsonl"
    letters = [came(ROW), came("text")]
    assert write_letters(PIPELINE, path, letters)
    assert not write_letters(PIPELINE, path, letters)
    findings = []
    assert unmatched(PIPELINE, read_letters(path, path.name, findings), letters) == ([], [])
    assert findings == []
    assert write_letters(PIPELINE, path, [])
    assert not path.exists()


def test_what_is_shown():
    console = Console(file=io.StringIO(), width=120, soft_wrap=True)
    show_letters("readings/a, dead letters", [expected(value=ROW)], [came("x")], console)
    cells = [
        [cell.strip() for cell in line.split("│")[1:-1]] for line in console.file.getvalue().splitlines() if "│" in line
    ]
    assert cells == [
        ["dead letter", "expected", "actual"],
        [f"null-key: {json.dumps(ROW)}", "yes", "did not come"],
        ["null or empty key: slot: x", "no", "came"],
    ]
