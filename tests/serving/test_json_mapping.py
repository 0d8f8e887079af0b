"""Our own JSON mapping is that of proto3: protobuf's json_format is the word on it."""

import json
from typing import Any

import pytest
from featuremill_serving.http.json_mapping import NotTheMessage, from_json, to_json
from featuremill_serving.v1 import serving_pb2 as wire
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

KINDS: list[type[Message]] = [getattr(wire, name) for name in wire.DESCRIPTOR.message_types_by_name]
REQUESTS = [kind for kind in KINDS if kind.DESCRIPTOR.name.endswith("Request")]
SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.TYPE_STRING: st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_SFIXED64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_DOUBLE: st.floats(),
    FieldDescriptor.TYPE_ENUM: st.integers(0, 9),
}


@st.composite
def messages(draw: st.DrawFn, kind: type[Message]) -> Message:
    """Any message of the kind; of a oneof at most one."""
    message = kind()
    for field in kind.DESCRIPTOR.fields:
        if draw(st.booleans()):
            continue
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            part = messages(field.message_type._concrete_class)
        else:
            part = SCALARS[field.type]
        if field.is_repeated:
            getattr(message, field.name).extend(draw(st.lists(part, max_size=3)))
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            getattr(message, field.name).CopyFrom(draw(part))
        else:
            setattr(message, field.name, draw(part))
    return message


@given(st.sampled_from(KINDS).flatmap(messages))
def test_what_is_written_is_what_json_format_writes(message: Message) -> None:
    expected = json_format.MessageToDict(message, always_print_fields_with_no_presence=True)
    assert json.loads(to_json(message)) == expected


@given(st.sampled_from(REQUESTS).flatmap(messages), st.booleans())
def test_what_json_format_writes_is_read(message: Message, proto_names: bool) -> None:
    text = json_format.MessageToJson(message, preserving_proto_field_name=proto_names)
    assert from_json(type(message), text.encode()) == message


def read(kind: type[Message], raw: bytes) -> Message | None:
    """The message; None where it is refused, with a reason."""
    refused: NotTheMessage | None = None
    try:
        return from_json(kind, raw)
    except NotTheMessage as error:
        refused = error
    assert str(refused)
    return None


MEMBERS = st.sampled_from([name for kind in REQUESTS for name in kind.DESCRIPTOR.fields_by_camelcase_name])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just("VALUE_FORMAT_TEXT"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from(REQUESTS), st.dictionaries(MEMBERS | st.text(max_size=3), VALUES, max_size=3))
def test_what_is_read_is_what_json_format_reads(kind: type[Message], document: dict[str, Any]) -> None:
    expected: Message | None
    try:
        expected = json_format.ParseDict(document, kind())
    except (json_format.ParseError, TypeError, ValueError):
        expected = None
    assert read(kind, json.dumps(document).encode()) == expected


@given(st.sampled_from(REQUESTS), st.binary(max_size=40))
def test_any_bytes_are_a_message_or_refused(kind: type[Message], raw: bytes) -> None:
    read(kind, raw)


def test_a_list_where_a_text_belongs_and_the_other_way_round() -> None:
    for raw in (b'{"featureNames": "abc"}', b'{"entityName": ["a"]}'):
        with pytest.raises(NotTheMessage):
            from_json(wire.GetFeaturesRequest, raw)
