"""Values of source tables' columns, by type. The Java source's own test has the same ones."""

from __future__ import annotations

from decimal import Decimal

import pytest
from featuremill_codegen.types import parse_type
from featuremill_local.cases.row_values import mistake

RIGHT = [
    ("STRING", "JFK"),
    ("VARCHAR(3)", "abc"),
    ("BOOLEAN", False),
    ("TINYINT", -128),
    ("BIGINT", 2**63 - 1),
    ("DOUBLE", 3),
    ("DOUBLE", Decimal("1e300")),
    ("FLOAT", "NaN"),
    ("DECIMAL(5, 2)", Decimal("123.4")),
    ("DECIMAL(5, 2)", "-0.05"),
    ("DECIMAL(5, 2)", Decimal("1.10000")),
    ("DECIMAL(20, 0)", 12345678901234567890),
    ("DATE", "2013-01-31"),
    ("TIME(0)", "06:30:00"),
    ("TIMESTAMP(3)", "2013-01-31 06:30:00.125"),
    ("TIMESTAMP_LTZ(3)", "2013-01-31T06:30:00Z"),
    ("TIMESTAMP_LTZ(3)", "2013-01-31T06:30:00.1250000+01:00"),
    ("TIMESTAMP_LTZ(9)", "2013-01-31T06:30:00.123456789Z"),
    ("BYTES", "AQI="),
    ("ARRAY<INT>", [1, None]),
    ("MAP<STRING, INT>", {"a": None}),
    ("ROW<a INT, b ROW<c STRING>>", {"b": {"c": "x"}, "a": 1}),
    ("INT", None),
]
WRONG = [
    ("STRING", 7, "`x` is STRING"),
    ("VARCHAR(2)", "abc", "`x` is VARCHAR(2)"),
    ("BOOLEAN", "true", "`x` is BOOLEAN"),
    ("INT", 2**31, "`x` is INT"),
    ("INT", True, "`x` is INT"),
    ("INT", Decimal("1.5"), "`x` is INT"),
    ("INT", "12", "`x` is INT"),
    ("DOUBLE", "1.5", "`x` is DOUBLE"),
    ("DECIMAL(5, 2)", Decimal("1.234"), "`x` is DECIMAL(5, 2)"),
    ("DECIMAL(5, 2)", 1234, "`x` is DECIMAL(5, 2)"),
    ("DECIMAL(5, 2)", "much", "`x` is DECIMAL(5, 2)"),
    ("DATE", "31.1.2013", "`x` is DATE"),
    ("DATE", "2013-02-30", "`x` is DATE"),
    ("TIMESTAMP(3)", "2013-01-31T06:30:00Z", "`x` is TIMESTAMP(3)"),
    ("TIMESTAMP_LTZ(3)", "2013-01-31T06:30:00", "`x` is TIMESTAMP_LTZ(3)"),
    ("TIMESTAMP_LTZ(3)", "2013-01-31T06:30:00.0001Z", "`x` is TIMESTAMP_LTZ(3)"),
    ("TIMESTAMP_LTZ(3)", "2013-01-31T25:30:00Z", "`x` is TIMESTAMP_LTZ(3)"),
    ("TIMESTAMP_LTZ(3)", 1359613800000, "`x` is TIMESTAMP_LTZ(3)"),
    ("BYTES", "%", "`x` is BYTES"),
    ("ARRAY<INT>", {}, "`x` is ARRAY<INT>"),
    ("ARRAY<INT>", [1, "2"], "`x[1]` is INT"),
    ("MAP<STRING, INT>", {"a": True}, "`x[a]` is INT"),
    ("ROW<a INT>", {}, "`x.a` is missing."),
    ("ROW<a INT>", {"a": 1, "b": 2}, "There is no `b` in `x`."),
]


@pytest.mark.parametrize(("kind", "value"), RIGHT)
def test_a_value_of_its_type(kind, value):
    assert mistake(value, parse_type(kind), "x") is None


@pytest.mark.parametrize(("kind", "value", "message"), WRONG)
def test_what_is_no_value_of_its_type(kind, value, message):
    found = mistake(value, parse_type(kind), "x")
    assert found is not None
    assert found[0].startswith(message)


def test_a_type_that_is_not_known_is_left_to_the_source():
    assert mistake({"whatever": 1}, None, "x") is None
