"""registry.json: what is read of it, what is refused, and its schema."""

import copy
import json
from typing import Any

import jsonschema
import pytest
from featuremill_serving.errors import RegistryError
from featuremill_serving.registry import Feature, parse_registry
from serving_harness import FIXTURES, PROTO, cases, expand

REGISTRY = json.loads((FIXTURES / "registry.json").read_text(encoding="utf-8"))
SCHEMA = json.loads((PROTO / "registry.schema.json").read_text(encoding="utf-8"))


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    """fixtures/registry.json with the parts at some dotted paths replaced, or taken away by "@remove"."""
    document: dict[str, Any] = copy.deepcopy(REGISTRY)
    for path, value in changes.items():
        *parents, last = path.split(".")
        part = document
        for parent in parents:
            part = part[parent]
        if value == "@remove":
            del part[last]
        else:
            part[last] = value
    assert document != REGISTRY
    return document


def test_what_is_read() -> None:
    registry = parse_registry(json.dumps(REGISTRY).encode(), "registry.json")
    assert sorted(registry.entities) == ["airport", "user_item"]
    assert registry.features_of("harbour") == {}
    assert registry.features_of("airport")["mean_departure_delay_1h"] == Feature(
        pipeline="airport_departure_delay",
        type="DOUBLE",
        max_age_ms=7_200_000,
        ttl_ms=604_800_000,
        default="0",
        unit="min",
        description="Mean delay",
    )
    assert registry.features_of("airport")["remark"] == Feature(
        pipeline="airport_weather", type="STRING", max_age_ms=3_600_000, ttl_ms=None, default=""
    )


def test_what_a_later_writer_adds_is_let_pass() -> None:
    document = changed({"added": 1, "entities.airport.added": 1, "entities.airport.features.remark.added": 1})
    parse_registry(json.dumps(document).encode(), "registry.json")


@pytest.mark.parametrize("case", cases("broken_registries.jsonl"))
def test_what_is_refused(case: dict[str, Any]) -> None:
    if "base64" in case:
        raw = expand(case)
    else:
        raw = expand(case["text"]).encode() if "text" in case else json.dumps(changed(case["change"])).encode()
    with pytest.raises(RegistryError) as caught:
        parse_registry(raw, "registry.json")
    assert case["message"] in caught.value.message
    assert len(caught.value.message) < 300
    assert caught.value.mend


def test_the_example_fits_the_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(REGISTRY, SCHEMA)


@pytest.mark.parametrize(
    "changes",
    [
        *({f"{path}added": 1} for path in ("", "entities.airport.", "entities.airport.features.remark.")),
        {"pipelines.clicks.added": 1},
        *(
            {f"entities.airport.features.remark.{key}": "@remove"}
            for key in REGISTRY["entities"]["airport"]["features"]["remark"]
        ),
        *({f"pipelines.clicks.{key}": "@remove"} for key in ("version", "owner", "ttl_ms")),
        *({key: "@remove"} for key in REGISTRY),
        *({"entities.airport.keys": keys} for keys in ([], ["a", "a"], "airport", [""])),
        {"format": 2},
        {"entities.Airport": REGISTRY["entities"]["airport"]},
        {"entities.airport.features.remark.default": 0},
        {"entities.airport.features.remark.max_age_ms": None},
    ],
    ids=str,
)
def test_the_schema_is_closed(changes: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed(changes), SCHEMA)


SAID_BY_THE_SCHEMA = [
    case for case in cases("broken_registries.jsonl") if case.values[0].get("schema", "change" in case.values[0])
]


@pytest.mark.parametrize("case", SAID_BY_THE_SCHEMA)
def test_the_schema_refuses_what_the_service_refuses(case: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed(case["change"]), SCHEMA)
