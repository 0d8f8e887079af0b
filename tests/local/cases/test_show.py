"""What is shown of a case that failed."""

from __future__ import annotations

import io
from pathlib import Path

from featuremill_codegen.pipeline import load_pipeline
from featuremill_local.cases.difference import Difference
from featuremill_local.cases.reading import read_cases
from featuremill_local.cases.show import show_differences
from featuremill_local.cases.touching import lines_of
from rich.console import Console

FOLDER = Path(__file__).parent / "fixtures" / "pipelines" / "readings"
PIPELINE = load_pipeline(FOLDER)
(CASE,) = read_cases(PIPELINE, ["good"])


def shown(differences, *, terminal: bool = False) -> str:
    console = Console(file=io.StringIO(), width=160, force_terminal=terminal, soft_wrap=True, highlight=False)
    show_differences(PIPELINE, CASE, "readings/good, at the end", differences, console)
    return console.file.getvalue()


def test_the_rows_of_a_key_and_what_moved_time_between_them():
    assert [(file, line.number) for file, line in lines_of(PIPELINE, CASE, "place:a:1")] == [
        ("readings.jsonl", 1),
        ("readings.jsonl", 2),
        ("readings.jsonl", 5),
    ]
    assert lines_of(PIPELINE, CASE, "place:a:7") == []


def test_the_table_and_the_rows():
    text = shown([Difference("place:a:2", "price", "1.50", None), Difference("place:a:2", "highest", "7", "8")])
    table, rows = text.split("source rows of place:a:2\n")
    assert [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines() if "│" in line] == [
        ["entity key", "feature", "expected", "actual"],
        ["place:a:2", "price", "1.50", "null"],
        ["", "highest", "7", "8"],
    ]
    assert rows.splitlines()[1].startswith('  readings.jsonl:3  {"sensor": "a", "slot": 2,')
    assert "\x1b" not in text


def test_colours_on_a_terminal():
    assert "\x1b[31m" in shown([Difference("place:a:2", "price", "1.50", "2")], terminal=True)


def test_a_key_that_no_row_has_is_said():
    assert "no source row can be told by its columns to be of place:x:1" in shown(
        [Difference("place:x:1", "price", "1.50", "2", "row 3")]
    )


def test_of_very_many_keys_the_first_are_shown():
    text = shown([Difference(f"place:a:{number:03}", "price", "1", "2") for number in range(200)])
    assert "... and 190 more keys" in text
    assert "place:a:009" in text
    assert "place:a:010" not in text
