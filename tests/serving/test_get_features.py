"""GetFeatures as a caller sees it: real service, real Redis. Every engine has to pass this."""

from typing import Any

import grpc
import pytest
from featuremill_serving.v1 import serving_pb2
from serving_harness import NOW_MS, RedisServer, Service, cases, commands_of, expand, status_names


@pytest.mark.parametrize("case", cases("get_features.jsonl"))
def test_statuses_values_and_event_times(registered: Service, shared_redis: RedisServer, case: dict[str, Any]) -> None:
    entity_name = case.get("entity_name", "airport:JFK")
    event_times_ms = {pipeline: NOW_MS - age_ms for pipeline, age_ms in case["ages_ms"].items()}
    shared_redis.write(entity_name, case["hash"], event_times_ms)

    response = registered.get(entity_name, case["ask"], event_times=True)

    assert status_names(response) == case["statuses"]
    assert list(response.values) == [expand(value) for value in case["values"]]
    assert list(response.event_times_ms) == [
        0 if age_ms is None else NOW_MS - age_ms for age_ms in case["told_ages_ms"]
    ]


def test_event_times_only_when_asked_for(registered: Service, shared_redis: RedisServer) -> None:
    shared_redis.write("airport:LGA", {"departures_1h": "1"}, {"airport_departure_delay": NOW_MS})
    assert list(registered.get("airport:LGA", ["departures_1h"]).event_times_ms) == []


@pytest.mark.parametrize("case", cases("invalid_requests.jsonl"))
def test_invalid_requests(registered: Service, unregistered: Service, case: dict[str, Any]) -> None:
    for service in (registered, unregistered):
        code, message = service.fails(expand(case["entity_name"]), *expand(case["feature_names"]))
        assert code == grpc.StatusCode.INVALID_ARGUMENT
        assert case["message"] in message


def test_without_a_registry_there_is_present_and_missing(unregistered: Service, shared_redis: RedisServer) -> None:
    shared_redis.write(
        "harbour:NYC", {"depth": "12", "Depth": "13", "blob": {"base64": "/w=="}}, {"harbour_depth": NOW_MS}
    )
    names = ["depth", "draught", "@harbour_depth", "Depth", "depth", "blob", "d" * 64]
    response = unregistered.get("harbour:NYC", names, event_times=True)
    assert status_names(response) == ["PRESENT", "MISSING", "MISSING", "MISSING", "PRESENT", "INVALID", "MISSING"]
    assert list(response.values) == ["12", "", "", "", "12", "", ""]
    assert list(response.event_times_ms) == [0] * len(names)


def test_a_thousand_names(unregistered: Service, shared_redis: RedisServer) -> None:
    names = [f"f{number}" for number in range(1000)]
    shared_redis.write("wide:1", {name: name.upper() for name in names})
    response = unregistered.get("wide:1", names[::-1])
    assert list(response.values) == [name.upper() for name in names[::-1]]


def test_a_request_is_one_hmget_with_each_field_once(registered: Service, shared_redis: RedisServer) -> None:
    names = ["temperature", "departures_1h", "nonsense", "remark", "departures_1h", "mean_departure_delay_1h"]
    registered.get("airport:EWR", names)
    asked = [("temperature", "departures_1h"), ("remark",)]
    assert commands_of(shared_redis, lambda: registered.get("airport:EWR", names)) == [
        "HMGET airport:EWR temperature departures_1h remark mean_departure_delay_1h "
        "@airport_weather @airport_departure_delay"
    ]
    assert commands_of(shared_redis, lambda: [registered.get("airport:EWR", few) for few in asked]) == [
        "HMGET airport:EWR temperature departures_1h @airport_weather @airport_departure_delay",
        "HMGET airport:EWR remark @airport_weather",
    ]


def test_nothing_known_is_nothing_read(registered: Service, unregistered: Service, shared_redis: RedisServer) -> None:
    assert commands_of(shared_redis, lambda: registered.get("airport:EWR", ["nonsense"])) == []
    assert commands_of(shared_redis, lambda: registered.get("harbour:NYC", ["depth"])) == []
    assert commands_of(shared_redis, lambda: unregistered.get("harbour:NYC", ["@p", "X"])) == []
    assert commands_of(shared_redis, lambda: unregistered.get("harbour:NYC", ["a", "@p", "a"])) == [
        "HMGET harbour:NYC a"
    ]


def test_a_key_of_another_type_is_no_entity(registered: Service, shared_redis: RedisServer) -> None:
    shared_redis.client.set("airport:STRING", "17")
    code, message = registered.fails("airport:STRING", "departures_1h")
    assert code == grpc.StatusCode.FAILED_PRECONDITION
    assert message == "what is stored under 'airport:STRING' is not an entity's features"
    assert registered.statuses("airport:NONE", "departures_1h") == ["MISSING"]


def test_malformed_bytes_end_the_call_and_nothing_else(registered: Service) -> None:
    call = registered.channel.unary_unary(
        "/featuremill.serving.v1.FeatureService/GetFeatures",
        request_serializer=lambda raw: raw,
        response_deserializer=serving_pb2.GetFeaturesResponse.FromString,
    )
    for raw in (b"\x0a\xff", b"\x0a\x02\xff\xfe", b"\xff" * 100):
        with pytest.raises(grpc.RpcError) as caught:
            call(raw, timeout=5)
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert caught.value.details() == "the request is not a GetFeaturesRequest"
    assert registered.statuses("airport:NONE", "departures_1h") == ["MISSING"]
