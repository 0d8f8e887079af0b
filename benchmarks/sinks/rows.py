"""The rows that every competitor writes, made from a seed: as columns for Parquet, and as Redis' own commands.

All keys, names and values have fixed widths, so a chunk of rows is a few large byte strings that are made and cut
by the interpreter's C code: 100,000 rows take a fraction of a second.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from functools import cached_property

PIPELINE = "sink_bench"
NAMES = [f"feature_name_{number:02d}" for number in range(15)]
VALUE_WIDTH = 10
KEY_PREFIX, KEY_WIDTH = "thing:", 10
EVENT_TIME_MS = 1_767_225_600_000
TTL_MS = 7 * 86_400_000
SEED = 17

_DIGITS = bytes(48 + number % 10 for number in range(256))
# what stands in a command's template for a digit of the key, and of a value
_KEY_DIGIT, _VALUE_DIGIT = b"?", b"#"


@dataclass(frozen=True)
class Chunk:
    """The rows `first` to `first + count - 1`. The same numbers give the same rows, on every machine."""

    first: int
    count: int

    @cached_property
    def key_digits(self) -> bytes:
        """The rows' numbers, `KEY_WIDTH` bytes each."""
        return b"".join(b"%010d" % number for number in range(self.first, self.first + self.count))

    @cached_property
    def keys(self) -> bytes:
        """The entity keys, one after the other without anything between them."""
        return b"".join(b"thing:%010d" % number for number in range(self.first, self.first + self.count))

    @cached_property
    def values(self) -> bytes:
        """The values, `VALUE_WIDTH` bytes each, row by row in the order of `NAMES`."""
        generator = random.Random(f"{SEED}-{self.first}")
        return generator.randbytes(self.count * len(NAMES) * VALUE_WIDTH).translate(_DIGITS)

    def row(self, index: int) -> tuple[str, dict[str, str]]:
        """A row's entity key, and the fields that Redis must hold for it."""
        width = len(NAMES) * VALUE_WIDTH
        text = self.values[index * width : (index + 1) * width].decode()
        cut = [text[at : at + VALUE_WIDTH] for at in range(0, width, VALUE_WIDTH)]
        fields = {f"@{PIPELINE}": f"{EVENT_TIME_MS}-0"} | dict(zip(NAMES, cut, strict=True))
        return f"{KEY_PREFIX}{self.first + index:0{KEY_WIDTH}d}", fields

    def commands(self, template: bytes) -> bytearray:
        """The template once for each row, with the row's key and values in it."""
        length, made = len(template), bytearray(template * self.count)
        row_width = len(NAMES) * VALUE_WIDTH
        keys = values = 0
        for at in range(length):
            place = template[at : at + 1]
            if place == _KEY_DIGIT:
                made[at::length] = self.key_digits[keys % KEY_WIDTH :: KEY_WIDTH]
                keys += 1
            elif place == _VALUE_DIGIT:
                made[at::length] = self.values[values % row_width :: row_width]
                values += 1
        return made


def resp(*arguments: bytes) -> bytes:
    """A command in Redis' protocol."""
    return b"".join([b"*%d\r\n" % len(arguments), *(b"$%d\r\n%b\r\n" % (len(part), part) for part in arguments)])


def _arguments() -> tuple[bytes, list[bytes]]:
    """The key, and the fields with their values, as templates have them."""
    fields = [f"@{PIPELINE}".encode(), f"{EVENT_TIME_MS}-0".encode()]
    for name in NAMES:
        fields += [name.encode(), _VALUE_DIGIT * VALUE_WIDTH]
    return KEY_PREFIX.encode() + _KEY_DIGIT * KEY_WIDTH, fields


def hset() -> bytes:
    """One HSET a row."""
    key, fields = _arguments()
    return resp(b"HSET", key, *fields)


def transaction() -> bytes:
    """What the sink sends without the guard, by `proto/redis-layout.md`."""
    key, _ = _arguments()
    return resp(b"MULTI") + hset() + resp(b"PEXPIRE", key, b"%d" % TTL_MS) + resp(b"EXEC")


def guarded(script: bytes) -> bytes:
    """What it sends with the guard."""
    key, fields = _arguments()
    sha = hashlib.sha1(script).hexdigest().encode()
    numbers = [b"%d" % EVENT_TIME_MS, b"0", b"%d" % TTL_MS, b"%d" % (len(fields) // 2)]
    return resp(b"EVALSHA", sha, b"1", key, *numbers, *fields)
