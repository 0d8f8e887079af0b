"""The names of entities."""

from __future__ import annotations

import re
from datetime import date, datetime

_ENTITY = re.compile(r"[a-z][a-z0-9_]{0,62}")
_ESCAPED = {code: f"%{code:02X}" for code in (*range(0x20), 0x7F, *b"%:{}")}


def entity_key(entity: str, *values: str | int | date) -> str:
    """The entity key of an entity and its key values, in the order of its keys.

    >>> entity_key("airport", "JFK")
    'airport:JFK'
    >>> entity_key("user_item", "u:1", 42)
    'user_item:u%3A1:42'

    Raises:
        ValueError: `entity` is no entity's name, there is no value, or one is empty.
        TypeError: a value is neither text nor a whole number nor a date. None is no value: such an entity has no
            features.
    """
    if _ENTITY.fullmatch(entity) is None:
        raise ValueError(f"{entity!r} is no entity's name: lower-case letters, digits and _, as in 'user_item'")
    if not values:
        raise ValueError(f"an entity key needs a value: entity_key({entity!r}, 'JFK')")
    return ":".join([entity, *map(_part, values)])


def entity_of(name: str) -> str:
    """The entity of an entity key, `airport` of `airport:JFK`."""
    return name.partition(":")[0]


def _part(value: str | int | date) -> str:
    if isinstance(value, str):
        if not value:
            raise ValueError("a key value is empty: such an entity has no features")
        return value.translate(_ESCAPED)
    if isinstance(value, (bool, datetime)) or not isinstance(value, (int, date)):
        raise TypeError(f"a key value is {value!r}, and must be a str, an int or a date")
    return value.isoformat() if isinstance(value, date) else str(value)
