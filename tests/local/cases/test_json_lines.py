"""Lines of JSON with the place of everything in them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from featuremill_local.cases.json_lines import read_lines


def read(tmp_path, content: bytes):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    findings: list = []
    return read_lines(path, "rows.jsonl", findings), findings


def test_members_and_their_places(tmp_path):
    (line,), findings = read(tmp_path, '\n  {"a é": [1, 2.50], "b": null}\r\n\n'.encode())
    assert findings == []
    assert (line.number, line.values()) == (2, {"a é": [1, Decimal("2.50")], "b": None})
    assert (line.members["a é"].name_column, line.members["a é"].value_column) == (4, 11)
    assert (line.members["b"].value_column, line.members["b"].value_length) == (27, 4)


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("[1]", 1, "This line is not a JSON object."),
        ('{"a": 1', 8, "A comma or the closing brace should stand here."),
        ('{"a" 1}', 6, "`:` should stand here."),
        ('{"a": }', 7, "This is not JSON: Expecting value."),
        ('{"a": 1 "b": 2}', 9, "A comma or the closing brace should stand here."),
        ('{"a": 1,}', 9, "A member should stand behind this comma."),
        ("{a: 1}", 2, "A member's name in double quotes should stand here."),
        ('{"a": "x}', 7, "This is not JSON: Unterminated string starting at."),
        ('{"a": NaN}', 7, "This is not JSON: NaN is no number."),
        ('{"a": 1} {"b": 2}', 10, "Something stands behind the object."),
        ('{"a": 1, "a": 2}', 10, "`a` stands here twice."),
        ('{"a": ' + "[" * 100_000, 7, "This is not JSON: "),
    ],
)
def test_what_is_no_object(tmp_path, text, column, message):
    lines, (finding,) = read(tmp_path, f"{{}}\n{text}\n".encode())
    assert len(lines) == 1
    assert (finding.line, finding.column) == (2, column)
    assert finding.message.startswith(message)


def test_what_is_not_utf_8(tmp_path):
    _, (finding,) = read(tmp_path, b'{}\n{"a": "\xff"}\n')
    assert (finding.line, finding.message) == (2, "This line is not UTF-8.")


def test_what_is_no_file(tmp_path):
    findings: list = []
    assert read_lines(tmp_path, "rows.jsonl", findings) == []
    assert "can't be read" in findings[0].message
