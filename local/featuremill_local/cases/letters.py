"""Dead letters of a case: what came, what `expected.dead_letters.jsonl` expects, and where these differ."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from featuremill_codegen.errors import Finding
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.types import SqlType

from featuremill_local.cases.expectation import BAD_ROW
from featuremill_local.cases.json_lines import Line, read_lines
from featuremill_local.cases.wire import same

DEAD_LETTERS = "expected.dead_letters.jsonl"
_MEMBERS = ("reason", "stage", "message", "origin", "value")
_ORIGIN = ("table", "topic", "partition", "offset")
_FORM = '{"reason": "null-key", "value": {"airport": null, "event_time": "2013-01-31T06:30:00.000Z"}}'


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A letter by its members: `value` is what its bytes say, an object where they are JSON, else text.

    An expected one has `reason`, and of the other members (and those of `value`) the ones that matter.
    """

    members: Mapping[str, Any]

    def __str__(self) -> str:
        told = self.members.get("message") or self.members["reason"]
        value = self.members.get("value")
        shown = "" if value is None else ": " + (value if isinstance(value, str) else json.dumps(value))
        return f"{told}{shown}"


def letter_of(row: Mapping[str, Any]) -> DeadLetter:
    """The letter of a row of the table of dead letters."""
    text = base64.b64decode(row["value_base64"]).decode(errors="backslashreplace")
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    return DeadLetter({name: row.get(name) for name in _MEMBERS if name != "value"} | {"value": value})


def read_letters(path: Path, shown: str, findings: list[Finding]) -> list[DeadLetter]:
    """The letters that the file expects; mistakes become findings."""
    letters = []
    for line in read_lines(path, shown, findings):
        mistake = _mistake(line)
        if mistake is None:
            letters.append(DeadLetter(line.values()))
        else:
            findings.append(mistake)
    return letters


def _mistake(line: Line) -> Finding | None:
    for name in line.members:
        if name not in _MEMBERS:
            message = f"An expected dead letter has no `{name}`."
            return line.at_name(BAD_ROW, name, message, help=did_you_mean(name, _MEMBERS))
    if "reason" not in line.members:
        return line.finding(BAD_ROW, "This dead letter has no `reason`.", help=f"for example {_FORM}")
    values = line.values()
    for name in ("reason", "stage", "message"):
        if not isinstance(values.get(name, ""), str):
            return line.at_value(BAD_ROW, name, f"`{name}` is a text.", help=f"for example {_FORM}")
    origin = values.get("origin", {})
    if not isinstance(origin, dict) or not set(origin) <= set(_ORIGIN):
        help = f"an object with some of {', '.join(_ORIGIN)}"
        return line.at_value(BAD_ROW, "origin", "This is no origin of a dead letter.", help=help)
    if not isinstance(values.get("value", ""), str | dict):
        help = "the row as an object, or as text where it is no JSON"
        return line.at_value(BAD_ROW, "value", "This is no value of a dead letter.", help=help)
    return None


def write_letters(pipeline: Pipeline, path: Path, letters: Sequence[DeadLetter]) -> bool:
    """Write reason and value of the letters, no file for none; whether it was another one before.

    Of several tables' letters only what does not depend on the order between these: key and event time, each once.
    """
    if not letters:
        existed = path.exists()
        path.unlink(missing_ok=True)
        return existed
    lines = [json.dumps(_wire(pipeline, letter), ensure_ascii=False) + "\n" for letter in letters]
    content = "".join(lines if len(pipeline.tables) == 1 else dict.fromkeys(lines)).encode()
    if path.exists() and path.read_bytes() == content:
        return False
    path.write_bytes(content)
    return True


def _wire(pipeline: Pipeline, letter: DeadLetter) -> dict[str, Any]:
    value = letter.members["value"]
    if len(pipeline.tables) > 1 and isinstance(value, dict):
        value = {name: value.get(name) for name in (*pipeline.config.entity.keys, "event_time")}
    return {"reason": letter.members["reason"], "value": value}


def unmatched(
    pipeline: Pipeline, expected: Sequence[DeadLetter], actual: Sequence[DeadLetter]
) -> tuple[list[DeadLetter], list[DeadLetter]]:
    """The expected letters that did not come, and those that came unexpected; their order doesn't count.

    With several tables their number doesn't, either: a row between two others' arrivals may be a dead letter or none.
    """
    types = {feature.name: feature.type for feature in pipeline.features}
    fits = [
        [number for number, came in enumerate(actual) if _covers(letter.members, came.members, types)]
        for letter in expected
    ]
    if len(pipeline.tables) > 1:
        found = {number for numbers in fits for number in numbers}
        missing = [letter for letter, numbers in zip(expected, fits, strict=True) if not numbers]
        return missing, [came for number, came in enumerate(actual) if number not in found]
    taken: dict[int, int] = {}

    def place(letter: int, tried: set[int]) -> bool:
        for number in fits[letter]:
            if number not in tried:
                tried.add(number)
                if number not in taken or place(taken[number], tried):
                    taken[number] = letter
                    return True
        return False

    missing = [expected[letter] for letter in range(len(expected)) if not place(letter, set())]
    return missing, [came for number, came in enumerate(actual) if number not in taken]


def _covers(expected: Mapping[str, Any], actual: Mapping[str, Any], types: Mapping[str, SqlType]) -> bool:
    """Whether the letter has what is expected of it."""
    for name, value in expected.items():
        came = actual[name]
        if name == "origin":
            if any((came or {}).get(part) != wanted for part, wanted in value.items()):
                return False
        elif name == "value" and isinstance(value, dict) and isinstance(came, dict):
            if not all(key in came and _same(wanted, came[key], types.get(key)) for key, wanted in value.items()):
                return False
        elif value != came:
            return False
    return True


def _same(expected: Any, actual: Any, kind: SqlType | None) -> bool:
    if kind is not None and isinstance(expected, str) and isinstance(actual, str):
        return same(expected, actual, kind)
    return bool(expected == actual)
