"""Flink's stack traces, as it printed them (fixtures/said): a person's message, and the place in the statement."""

from __future__ import annotations

from pathlib import Path

import pytest
from featuremill_local.check.java_errors import JavaError, read_error

SAID = Path(__file__).parent / "fixtures" / "said"

EXPECTED = {
    "agg": ("Expression 'seconds' is not being grouped.", 2, 14, 2, 21),
    "arity": ("Flink does not expect `)` here.", 2, 28, 2, 29),
    "ddl_fmt": ("Could not find any factory for identifier 'jsn'.", 0, 0, 0, 0),
    "ddl_opt": ("Unsupported options found for 'kafka': topc.", 0, 0, 0, 0),
    "ddl_wm2": ("Unknown identifier 'y'.", 3, 22, 3, 23),
    "not_time_attribute": (
        "The window function requires the timecol is a time attribute type, but is TIMESTAMP_LTZ(3).",
        *(0, 0, 0, 0),
    ),
    "syntax": ("Flink does not expect `,` here.", 2, 13, 2, 14),
    "unbounded_sort": ("Sort on a non-time-attribute field is not supported.", 0, 0, 0, 0),
    "unknown_column": ("Column 'secnds' not found in any table.", 2, 14, 2, 20),
    "unknown_function": ("No match found for function signature foo(<NUMERIC>).", 5, 3, 5, 15),
}


def read(name: str) -> JavaError:
    return read_error((SAID / f"{name}.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_message_and_place(name: str) -> None:
    error = read(name)
    assert (error.message, error.line, error.column, error.end_line, error.end_column) == EXPECTED[name]


def test_long_types_are_those_of_a_person() -> None:
    assert read("types").message.startswith("Cannot apply '+' to arguments of type '<STRING> + <TIMESTAMP_LTZ(3)>'.")


@pytest.mark.parametrize("path", sorted(SAID.glob("*.txt")), ids=lambda path: path.stem)
def test_no_word_of_java_is_left(path: Path) -> None:
    message = read(path.stem).message
    assert "Exception" not in message
    assert "\n" not in message
    assert "default_catalog" not in message


def test_the_table_is_named_by_an_outer_cause() -> None:
    assert any("reading table 'default_catalog.default_database.p'" in cause for cause in read("ddl_opt").causes)


def test_what_is_no_stack_trace_is_the_message_itself() -> None:
    assert read_error("the JVM is tired") == JavaError("the JVM is tired.", causes=("the JVM is tired",))
