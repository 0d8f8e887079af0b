"""The options that a table can have: those of its connector, of its formats, and those of every table."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from featuremill_codegen.connectors import FORMAT_OPTIONS
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.tables import SourceTable

_ANY_OF = {"kafka": (("topic", "topic-pattern"), ("format", "value.format"))}
"""What a factory asks for when it makes a table, beyond the options that it names as required: one of each."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What an option takes: a Java type's simple name, `enum` with its values, or `list of …`."""

    type: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """The options of one table. `required` are groups of which one option must be there."""

    options: Mapping[str, Kind]
    prefixes: tuple[str, ...]
    required: tuple[tuple[str, ...], ...]

    def __contains__(self, key: str) -> bool:
        return key in self.options or key.startswith(self.prefixes)

    def get(self, key: str) -> Kind | None:
        """What the option takes; None where that isn't known."""
        return self.options.get(key)

    @property
    def names(self) -> list[str]:
        """The options by name."""
        return list(self.options)


def of_table(table: SourceTable) -> Known | None:
    """What is known of a table's options; None where its connector or a format of it isn't known."""
    formats = tuple((key, table.option(key)) for key in FORMAT_OPTIONS if key in table.options)
    return _known(table.connector, formats)


@cache
def _known(connector: str, chosen: tuple[tuple[str, str], ...]) -> Known | None:
    data = _catalogue()
    entry = data["tables"].get(connector)
    if entry is None or any(name not in data["formats"] for _, name in chosen):
        return None
    options = {**data["common"], **entry["options"]}
    prefixes = list(entry["prefixes"])
    required = [(name,) for name in entry["required"]] + list(_ANY_OF.get(connector, ()))
    for key, name in chosen:
        before = key.removesuffix("format") + name + "."
        found = data["formats"][name]
        options |= {before + option: kind for option, kind in found["options"].items()}
        required += [(before + option,) for option in found["required"]]
    prefixes += [f"{option}." for option, kind in options.items() if kind["type"] == "Map"]
    kinds = {option: Kind(kind["type"], tuple(kind.get("values", ()))) for option, kind in options.items()}
    return Known(kinds, tuple(prefixes), tuple(required))


@cache
def _catalogue() -> Any:
    return json.loads((Path(__file__).parent / "connectors.json").read_text(encoding="utf-8"))


_DURATION = re.compile(
    r"\d+\s*(d|days?|h|hours?|min|m|minutes?|s|sec|secs|seconds?|ms|milli|millis|milliseconds?|µs|micro|micros"
    r"|microseconds?|ns|nano|nanos|nanoseconds?)?",
    re.I,
)
_SIZE = re.compile(r"\d+\s*(b|bytes|k|kb|kibibytes|m|mb|mebibytes|g|gb|gibibytes|t|tb|tebibytes)?", re.I)
_FORMS = {
    "Integer": (re.compile(r"[+-]?\d{1,10}"), "a whole number is wanted here"),
    "Long": (re.compile(r"[+-]?\d{1,19}"), "a whole number is wanted here"),
    "Float": (re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.I), "a number is wanted here"),
    "Double": (re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.I), "a number is wanted here"),
    "Boolean": (re.compile(r"true|false", re.I), "'true' or 'false'"),
    "Duration": (_DURATION, "a duration is a number and a unit: '30 s', '1 min', '2 h'"),
    "MemorySize": (_SIZE, "a size is a number and a unit: '64 kb', '128 mb'"),
}


def value_problem(value: str, kind: Kind) -> str | None:
    """Why a text can't be a value of the kind, as a help for its writer; None where it can.

    >>> value_problem("1 minit", Kind("Duration"))
    "a duration is a number and a unit: '30 s', '1 min', '2 h'"
    """
    text = value.strip()
    if kind.type == "enum":
        if text.lower() in (each.lower() for each in kind.values):
            return None
        return did_you_mean(text, kind.values) or "one of " + ", ".join(f"'{each}'" for each in kind.values)
    form = _FORMS.get(kind.type)
    return None if form is None or form[0].fullmatch(text) else form[1]
