"""When two texts of a feature are the same value."""

from __future__ import annotations

import pytest
from featuremill_codegen.types import parse_type
from featuremill_local.cases.wire import same


@pytest.mark.parametrize(
    ("kind", "left", "right", "expected"),
    [
        ("BIGINT", "17", "017", True),
        ("BIGINT", "9007199254740993", "9007199254740992", False),
        ("DOUBLE", "0.30000000000000004", "0.3", True),
        ("DOUBLE", "1E3", "1000", True),
        ("DOUBLE", "1.000000002", "1", False),
        ("DOUBLE", "NaN", "NaN", True),
        ("DOUBLE", "NaN", "0", False),
        ("DECIMAL(5, 2)", "1.50", "1.5", True),
        ("DECIMAL(5, 2)", "1.50", "1.51", False),
        ("BOOLEAN", "true", "false", False),
        ("DATE", "2013-01-31", "2013-01-31", True),
        ("TIMESTAMP(3)", "2013-01-31T06:30:00Z", "2013-01-31T06:30:00.000Z", True),
        ("TIMESTAMP(3)", "2013-01-31T06:30:00Z", "2013-01-31T06:30:00.001Z", False),
        ("STRING", "1", "1.0", False),
        ("STRING", "", None, False),
        ("STRING", None, None, True),
        ("ARRAY<DOUBLE>", "[0.1, null]", "[0.1000000000001,null]", True),
        ("ARRAY<INT>", "[1,2]", "[2,1]", False),
        ("MAP<STRING, INT>", '{"a":1,"b":2}', '{"b":2,"a":1}', True),
        ("ROW<a BOOLEAN>", '{"a":true}', '{"a":1}', False),
        ("BYTES", "AQI=", "AQI=", True),
        ("BIGINT", "17", "many", False),
    ],
)
def test_same(kind, left, right, expected):
    assert same(left, right, parse_type(kind)) is expected
    assert same(right, left, parse_type(kind)) is expected
