"""Messages as JSON, by the rules of proto3's JSON mapping, and back.

protobuf's own json_format goes through reflection value by value, which for an answer of two thousand values costs more
than all else together. Here what a message type takes is looked at once. A field without presence is written also
where it holds its default, so that lists are always there.
"""

import base64
import json
import math
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

_M = TypeVar("_M", bound=Message)
_SPECIAL = {math.inf: "Infinity", -math.inf: "-Infinity"}
_TAKEN = {FieldDescriptor.CPPTYPE_STRING: str, FieldDescriptor.CPPTYPE_BOOL: bool, FieldDescriptor.CPPTYPE_ENUM: str}
_LONGEST_COMPLAINT = 300


class NotTheMessage(Exception):
    """What was sent isn't the message; the text says why."""


def to_json(message: Message) -> bytes:
    """The message as a JSON object, in UTF-8."""
    document = _writer(message.DESCRIPTOR)(message)
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def from_json(kind: type[_M], raw: bytes) -> _M:
    """The message that a JSON object is; members are named as in the .proto or in lowerCamelCase.

    Raises:
        NotTheMessage: it is none.
    """
    try:
        document = json.loads(raw.decode("utf-8"), object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise NotTheMessage(f"it can't be read as JSON: {_complaint(error)}") from None
    return from_document(kind, document)


def from_document(kind: type[_M], document: Any) -> _M:
    """`from_json` of what was parsed already."""
    if not isinstance(document, dict):
        raise NotTheMessage("it has to be a JSON object")
    plain = {}
    for name, value in document.items():
        field, takes = _fields(kind.DESCRIPTOR).get(name, ("", None))
        if type(value) is not takes or field in plain:
            break
        plain[field] = value
    else:
        try:
            return kind(**plain)
        except (TypeError, ValueError):
            pass  # json_format can tell what is wrong
    try:
        return json_format.ParseDict(document, kind())
    except (json_format.ParseError, TypeError, ValueError, RecursionError) as error:
        raise NotTheMessage(_complaint(error)) from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member stands there twice")
    return members


def _complaint(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeError):
        return "not all of it is Unicode text"
    return " ".join(str(error).split())[:_LONGEST_COMPLAINT]


@cache
def _fields(descriptor: Descriptor) -> dict[str, tuple[str, type | None]]:
    """The fields by each name that they go by, with the type of JSON that their constructor takes as it is."""
    return {
        name: (field.name, list if field.is_repeated else _TAKEN.get(field.cpp_type))
        for field in descriptor.fields
        for name in (field.name, field.json_name)
    }


@cache
def _writer(descriptor: Descriptor) -> Callable[[Any], dict[str, Any]]:
    """Turns a message of the type into what json.dumps takes."""
    always = [(field.json_name, field.name, _value(field)) for field in descriptor.fields if not field.has_presence]
    present = [(field.json_name, field.name, _value(field)) for field in descriptor.fields if field.has_presence]

    def write(message: Any) -> dict[str, Any]:
        document = {json_name: value(getattr(message, name)) for json_name, name, value in always}
        for json_name, name, value in present:
            if message.HasField(name):
                document[json_name] = value(getattr(message, name))
        return document

    return write


def _value(field: FieldDescriptor) -> Callable[[Any], Any]:
    """Turns a field's value."""
    if field.enum_type is not None:
        names: dict[int, str | int] = {value.number: value.name for value in field.enum_type.values}

        def named(numbers: Any) -> list[str | int]:
            plain: list[int] = list(numbers)  # twice through a list costs less than twice through a field
            return list(map(names.get, plain, plain))

        return named if field.is_repeated else lambda number: names.get(number, number)
    turn = _turn(field)
    if not field.is_repeated:
        return turn or (lambda value: value)
    return list if turn is None else lambda values: list(map(turn, values))


def _turn(field: FieldDescriptor) -> Callable[[Any], Any] | None:
    """Turns one value that is no enum's; None where JSON has it as it is."""
    kinds = FieldDescriptor
    if field.cpp_type in (kinds.CPPTYPE_INT64, kinds.CPPTYPE_UINT64):
        return str
    if field.cpp_type in (kinds.CPPTYPE_DOUBLE, kinds.CPPTYPE_FLOAT):
        return _number
    message = field.message_type
    if message is not None:
        if message.GetOptions().map_entry or message.file.package == "google.protobuf":
            raise TypeError(f"{field.full_name} is of a kind that has a mapping of its own, which isn't written here")
        return lambda value: _writer(message)(value)
    if field.type == kinds.TYPE_BYTES:
        return lambda value: base64.b64encode(value).decode()
    return None


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else _SPECIAL.get(value, "NaN")
