"""Input that nobody means, made out of good input."""

import random
from collections.abc import Sequence
from typing import Any


def changed(chance: random.Random, data: bytes, strewn: Sequence[bytes]) -> bytes:
    """The bytes with a few changes: turned, lost, doubled, moved, cut off; or some of `strewn` in between."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        start = chance.randrange(len(made) + 1)
        end = min(len(made), start + chance.choice((1, 1, 2, 8, 64)))
        match chance.randrange(7):
            case 0:
                made[start:end] = chance.randbytes(end - start)
            case 1:
                del made[start:end]
            case 2:
                made[start:start] = made[start:end]
            case 3:
                made[start:start] = chance.choice(strewn)
            case 4:
                made[start:end] = chance.choice(strewn)
            case 5:
                del made[start:]
            case _:
                part = made[start:end]
                del made[start:end]
                place = chance.randrange(len(made) + 1)
                made[place:place] = part
    return bytes(made)


def changed_document(chance: random.Random, document: Any, strewn: Sequence[Any]) -> Any:
    """A JSON document with one of its parts, at any depth, replaced, lost or doubled."""
    if isinstance(document, dict | list) and document and chance.random() < 0.85:
        place = chance.choice(list(document) if isinstance(document, dict) else range(len(document)))
        made = document.copy()
        match chance.randrange(8):
            case 0:
                del made[place]
            case 1 if isinstance(made, dict):
                made[chance.choice(["", "x", "a" * 70, "é", "\ud800", *made])] = made[place]
            case _:
                made[place] = changed_document(chance, document[place], strewn)
        return made
    return chance.choice(strewn)


def nested(chance: random.Random, opening: bytes, closing: bytes = b"") -> bytes:
    depth = chance.choice((2, 50, 101, 1000, 100_000))
    return opening * depth + closing * depth


def varint(number: int) -> bytes:
    made = bytearray()
    while number > 127:
        made.append(number & 127 | 128)
        number >>= 7
    return bytes([*made, number])


VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    2**31,
    2**63,
    10**400,
    float("inf"),
    float("nan"),
    "",
    "x",
    "\ud800",
    "é" * 5000,
    "\0",
    [],
    {},
    [[]],
    {"": {}},
    ["a", "a"],
    "BIGINT",
    "DECIMAL(99999999999999999999)",
    "MAP<",
]
