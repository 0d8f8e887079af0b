"""What callers have of the last release still works: nothing of it may go, move or change its kind.

fixtures/released_serving.json is that release's descriptor. A release writes it anew.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from featuremill_serving.v1 import serving_pb2
from google.protobuf import descriptor_pb2, json_format
from serving_harness import FIXTURES

RELEASED = json.loads((FIXTURES / "released_serving.json").read_text(encoding="utf-8"))
KINDS = {"messageType": "message", "enumType": "enum", "service": "service"}
WIRE = ("name", "number", "label", "type", "typeName", "oneofIndex", "proto3Optional")


def current() -> dict[str, Any]:
    proto = descriptor_pb2.FileDescriptorProto()
    serving_pb2.DESCRIPTOR.CopyToProto(proto)
    document: dict[str, Any] = json_format.MessageToDict(proto)
    return document


def parts(file: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Everything that a caller relies on: a place, and what stands there."""
    yield "package", file["package"]
    for message in file.get("messageType", ()):
        for field in message.get("field", ()):
            yield f"{message['name']} field {field['number']}", {key: field.get(key) for key in WIRE}
    for enum in file.get("enumType", ()):
        for value in enum["value"]:
            yield f"{enum['name']} value {value.get('number', 0)}", value["name"]
    for service in file.get("service", ()):
        for method in service["method"]:
            yield f"{service['name']}.{method['name']}", {key: each for key, each in method.items() if key != "options"}


def broken(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The places of the old file that the new one has no more, or has otherwise."""
    there = dict(parts(new))
    return [place for place, part in parts(old) if there.get(place) != part]


def test_the_last_release_is_still_spoken() -> None:
    assert broken(RELEASED, current()) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("package",), "featuremill.serving.v2"),
        (("messageType", 0, "field", 0, "number"), 9),
        (("messageType", 0, "field", 0, "name"), "entity"),
        (("messageType", 1, "field", 2, "type"), "TYPE_INT64"),
        (("messageType", 1, "field", 0, "label"), "LABEL_OPTIONAL"),
        (("enumType", 0, "value", 3, "number"), 8),
        (("service", 0, "method", 0, "inputType"), ".featuremill.serving.v1.Feature"),
        (("service", 0, "method", 0, "serverStreaming"), True),
    ],
    ids=str,
)
def test_a_break_is_seen(path: tuple[Any, ...], value: Any) -> None:
    changed = copy.deepcopy(RELEASED)
    part = changed
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    assert broken(RELEASED, changed)
