"""The types of values that options of the sink have: how a text is read as Flink reads it, and a value written."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

LARGEST_INT = 2**31 - 1
LARGEST_LONG = 2**63 - 1


class Kind(ABC):
    """A type of values: how they are read from SQL and written there."""

    label: str
    """The type's name for a reader."""
    java: str
    """The method of Flink's `ConfigOptions` that makes an option of this type."""

    @abstractmethod
    def parse(self, text: str) -> object:
        """The value of a text, as Flink reads it. Raises `ValueError` that says what it must be, not what it is."""

    def write(self, value: object) -> str:
        """The text of a value: of a text itself, else of this type's Python type. Raises `ValueError`."""
        if isinstance(value, str):
            return value
        raise ValueError(f"takes a value of type {self.label}, or its text")


@dataclass(frozen=True)
class Text(Kind):
    """Any text but a blank one."""

    label = "text"
    java = "stringType"

    def parse(self, text: str) -> str:
        if not text.strip():
            raise ValueError("must not be empty")
        return text


@dataclass(frozen=True)
class AbsolutePath(Text):
    """The absolute path of a file."""

    label = "path"

    def parse(self, text: str) -> str:
        if not super().parse(text).startswith("/"):
            raise ValueError("must be an absolute path")
        return text


@dataclass(frozen=True)
class Integer(Kind):
    """An `int` between two bounds, both included."""

    smallest: int = 0
    largest: int = LARGEST_INT
    label = "integer"
    java = "intType"

    def parse(self, text: str) -> int:
        if re.fullmatch(r"[+-]?[0-9]+", text) and self.smallest <= int(text) <= self.largest:
            return int(text)
        if self.largest < LARGEST_INT:
            raise ValueError(f"must be a whole number between {self.smallest} and {self.largest}")
        raise ValueError(f"must be a whole number of at least {self.smallest}")

    def write(self, value: object) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return super().write(value)


@dataclass(frozen=True)
class Boolean(Kind):
    """`true` or `false`; a `bool`."""

    label = "boolean"
    java = "booleanType"

    def parse(self, text: str) -> bool:
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        raise ValueError("must be true or false")

    def write(self, value: object) -> str:
        return str(value).lower() if isinstance(value, bool) else super().write(value)


@dataclass(frozen=True)
class Duration(Kind):
    """A `timedelta` from a millisecond to 24 days, as a number and a unit; without one it is milliseconds."""

    largest_ms: int = LARGEST_INT
    label = "duration"
    java = "durationType"

    def parse(self, text: str) -> timedelta:
        nanoseconds = _amount(text, DURATION_UNITS, 10**6)
        if nanoseconds is None:
            raise ValueError("must be a duration such as 100 ms, 5 s, 1 min, 1 h or 2 d")
        if not 1 <= nanoseconds // 10**6 <= self.largest_ms:
            raise ValueError(f"must be between 1 ms and {self.largest_ms // 86_400_000} days")
        return timedelta(microseconds=nanoseconds // 1000)

    def write(self, value: object) -> str:
        if isinstance(value, timedelta):
            if value % timedelta(milliseconds=1):
                raise ValueError("must be whole milliseconds")
            return f"{value // timedelta(milliseconds=1)} ms"
        return super().write(value)


@dataclass(frozen=True)
class Memory(Kind):
    """A number of bytes, an `int`, as a number and a unit (1 kb is 1024 bytes); without one it is bytes."""

    largest: int = LARGEST_LONG
    label = "memory size"
    java = "memoryType"

    def parse(self, text: str) -> int:
        number = _amount(text, MEMORY_UNITS, 1)
        if number is None:
            raise ValueError("must be a memory size such as 64 kb, 16 mb or 1 gb")
        if not 1 <= number <= self.largest:
            raise ValueError(
                f"must be at least 1 byte and less than {'2 GiB' if self.largest == LARGEST_INT else '8 EiB'}"
            )
        return number

    def write(self, value: object) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value} bytes"
        return super().write(value)


@dataclass(frozen=True)
class OneOf(Kind):
    """One of a few words, whatever their case."""

    java_enum: str
    words: tuple[str, ...]
    label = "word"

    @property
    def java(self) -> str:  # type: ignore[override]
        return f"enumType({self.java_enum})"

    def parse(self, text: str) -> str:
        if text.lower() in self.words:
            return text.lower()
        raise ValueError(f"must be one of {', '.join(self.words)}")


# as Flink's TimeUtils and MemorySize know them
DURATION_UNITS = {
    unit: nanoseconds
    for units, nanoseconds in (
        ("d day days", 86_400 * 10**9),
        ("h hour hours", 3_600 * 10**9),
        ("min m minute minutes", 60 * 10**9),
        ("s sec secs second seconds", 10**9),
        ("ms milli millis millisecond milliseconds", 10**6),
        ("µs micro micros microsecond microseconds", 10**3),
        ("ns nano nanos nanosecond nanoseconds", 1),
    )
    for unit in units.split()
}
MEMORY_UNITS = {
    unit: 1024**power
    for power, units in enumerate(("b bytes", "k kb kibibytes", "m mb mebibytes", "g gb gibibytes", "t tb tebibytes"))
    for unit in units.split()
}


def _amount(text: str, units: Mapping[str, int], bare: int) -> int | None:
    """A number and a unit as a number of the smallest unit; None if it isn't that. `bare` is no unit's worth."""
    match = re.fullmatch(r"([0-9]+)(.*)", text.strip(), re.DOTALL)
    if match is None:
        return None
    unit = match[2].strip().lower()
    if unit and unit not in units:
        return None
    return int(match[1]) * (units[unit] if unit else bare)
