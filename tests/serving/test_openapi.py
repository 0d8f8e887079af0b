"""The description of the JSON service: a good OpenAPI document, and true of what is answered."""

import json
from typing import Any

import jsonschema
import pytest
from featuremill_serving.http.routes import ROUTES
from featuremill_serving.v1 import serving_pb2 as wire
from openapi_spec_validator import OpenAPIV31SpecValidator
from serving_harness import NOW_MS, SERVING, RedisServer, Service

DOCUMENT = json.loads((SERVING / "featuremill_serving" / "v1" / "openapi.json").read_text(encoding="utf-8"))


def conforms(value: Any, schema: str) -> None:
    """Fails where the value isn't what the document says of a schema."""
    jsonschema.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    ).validate(value)


def test_it_is_openapi() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_every_call_is_there() -> None:
    calls = [method.name for method in wire.DESCRIPTOR.services_by_name["FeatureService"].methods]
    assert [route.call for route in ROUTES] == calls
    described = {
        (operation["operationId"], verb.upper(), path)
        for path, verbs in DOCUMENT["paths"].items()
        for verb, operation in verbs.items()
    }
    assert described == {(route.call, route.verb, route.template) for route in ROUTES}


def test_what_a_get_asks_for_fits_into_a_query() -> None:
    for route in ROUTES:
        if route.verb == "GET":
            fields = wire.DESCRIPTOR.message_types_by_name[f"{route.call}Request"].fields
            assert all(field.type == field.TYPE_STRING and not field.is_repeated for field in fields)


def test_everything_is_explained() -> None:
    for operation in (each for verbs in DOCUMENT["paths"].values() for each in verbs.values()):
        assert operation["summary"]
        assert operation["description"].endswith(".")
    explained = json.dumps(DOCUMENT["components"]["schemas"]["FeatureStatus"])
    assert all(name in explained for name in wire.FeatureStatus.keys()[1:])


def test_examples_are_requests_and_answers_are_as_described(over_http: Service, shared_redis: RedisServer) -> None:
    shared_redis.write("airport:JFK", {"departures_1h": "17"}, {"airport_departure_delay": NOW_MS})
    client = over_http.stub.client
    answered = 0
    for path, verbs in DOCUMENT["paths"].items():
        for verb, operation in verbs.items():
            own = {each["name"]: each["example"] for each in operation["parameters"] if "in" in each}
            if verb == "post":
                content = operation["requestBody"]["content"]["application/json"]
                conforms(content["example"], content["schema"]["$ref"].rpartition("/")[2])
                response = client.post(path, json=content["example"])
            else:
                query = {name: value for name, value in own.items() if f"{{{name}}}" not in path}
                response = client.get(path.format(**own), params=query)
            assert response.status_code == 200
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            conforms(response.json(), schema["$ref"].rpartition("/")[2])
            answered += 1
    assert answered == 4
    columns = {"entityNames": ["airport:JFK"], "featureSet": "delay_model_v3", "valueFormat": "VALUE_FORMAT_COLUMNS"}
    conforms(columns, "BatchGetFeaturesRequest")
    conforms(client.post("/v1/features:batchGet", json=columns).json(), "BatchGetFeaturesResponse")
    conforms(client.get("/v1/feature-sets/nonsense").json(), "Error")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("GetFeaturesResponse", {"values": []}),
        ("GetFeaturesResponse", {"values": [], "statuses": ["X"], "eventTimesMs": [], "featureNames": []}),
        ("GetFeaturesRequest", {"entity": "x"}),
        ("Column", {"doubles": {"values": ["x"]}}),
    ],
)
def test_what_is_wrong_does_not_conform(schema: str, value: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        conforms(value, schema)
