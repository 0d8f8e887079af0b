"""Lines of JSON objects with the place of every member, so that a mistake can be pointed at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from featuremill_codegen.errors import Finding

NOT_JSON = "FM601"
_SPACE = " \t\r"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a line's object. The columns count from 1: where its name and where its value begin."""

    value: Any
    name_column: int
    value_column: int
    value_length: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file: `path` as it is shown, `number` from 1, its text, the members of its object by name.

    Numbers with a fraction or an exponent are `Decimal`.
    """

    path: str
    number: int
    text: str
    members: dict[str, Member]

    def values(self) -> dict[str, Any]:
        """The members' values by name."""
        return {name: member.value for name, member in self.members.items()}

    def finding(self, code: str, message: str, column: int = 1, length: int = 1, *, help: str = "") -> Finding:
        """A mistake in this line."""
        return Finding(self.path, self.number, column, code, message, help, self.text, length)

    def at_value(self, code: str, name: str, message: str, *, help: str = "") -> Finding:
        """A mistake in a member's value."""
        member = self.members[name]
        return self.finding(code, message, member.value_column, member.value_length, help=help)

    def at_name(self, code: str, name: str, message: str, *, help: str = "") -> Finding:
        """A mistake in a member's name."""
        return self.finding(code, message, self.members[name].name_column, len(name) + 2, help=help)


class _Mistake(Exception):
    """What is wrong in a line, and at which offset."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def read_lines(path: Path, shown: str, findings: list[Finding]) -> list[Line]:
    """The file's lines but the empty ones; those that are no JSON objects become findings."""
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        number = error.object.count(b"\n", 0, error.start) + 1
        findings.append(Finding(shown, number, 1, NOT_JSON, "This line is not UTF-8.", "save the file as UTF-8"))
        return []
    except OSError as error:
        findings.append(Finding(shown, 0, 0, NOT_JSON, f"This file can't be read: {error.strerror}."))
        return []
    lines = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            lines.append(Line(shown, number, line.rstrip("\r"), _members(line)))
        except _Mistake as mistake:
            help = 'one object a line: {"column": value, …}'
            findings.append(Finding(shown, number, mistake.offset + 1, NOT_JSON, str(mistake), help, line))
    return lines


def _members(text: str) -> dict[str, Member]:
    decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)
    at = _skip(text, 0)
    if text[at] != "{":
        raise _Mistake("This line is not a JSON object.", at)
    members: dict[str, Member] = {}
    at = _skip(text, at + 1)
    while _char(text, at) != "}":
        if _char(text, at) != '"':
            raise _Mistake("A member's name in double quotes should stand here.", at)
        begin = at
        try:
            name, behind = decoder.raw_decode(text, at)
            begin = _skip(text, _expect(text, _skip(text, behind), ":"))
            value, end = decoder.raw_decode(text, begin)
        except json.JSONDecodeError as error:
            raise _Mistake(f"This is not JSON: {error.msg}.", min(error.pos, len(text))) from None
        except (ValueError, RecursionError) as error:
            raise _Mistake(f"This is not JSON: {error}.", begin) from None
        if name in members:
            raise _Mistake(f"`{name}` stands here twice.", at)
        members[name] = Member(value, at + 1, begin + 1, end - begin)
        at = _skip(text, end)
        if _char(text, at) == ",":
            at = _skip(text, at + 1)
            if _char(text, at) == "}":
                raise _Mistake("A member should stand behind this comma.", at)
        elif _char(text, at) != "}":
            raise _Mistake("A comma or the closing brace should stand here.", at)
    rest = _skip(text, at + 1)
    if rest < len(text):
        raise _Mistake("Something stands behind the object.", rest)
    return members


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _char(text: str, at: int) -> str:
    return text[at] if at < len(text) else ""


def _expect(text: str, at: int, char: str) -> int:
    if _char(text, at) != char:
        raise _Mistake(f"`{char}` should stand here.", at)
    return at + 1


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
