"""Feature sets, and what the registry knows. Every engine has to pass this."""

import grpc
from featuremill_serving.v1 import serving_pb2 as wire
from serving_harness import NOW_MS, RedisServer, Service, refusal, status_names

SET = ["temperature", "departures_1h", "mean_departure_delay_1h"]


def test_both_reads_take_a_set(registered: Service, shared_redis: RedisServer) -> None:
    shared_redis.write("airport:SET", {"departures_1h": "4"}, {"airport_departure_delay": NOW_MS})
    request = wire.GetFeaturesRequest(entity_name="airport:SET", feature_set="delay_model_v3")
    response = registered.stub.GetFeatures(request, timeout=5)
    assert list(response.feature_names) == SET
    assert list(response.values) == ["", "4", "0"]
    batch = registered.batch(["airport:NONE", "airport:SET"], feature_set="delay_model_v3")
    assert list(batch.feature_names) == SET
    assert list(batch.values) == ["", "", "0", "", "4", "0"]
    assert status_names(batch)[3:] == status_names(response) == ["MISSING", "PRESENT", "DEFAULTED"]


def test_get_feature_set(registered: Service) -> None:
    response = registered.stub.GetFeatureSet(wire.GetFeatureSetRequest(feature_set="delay_model_v3"), timeout=5)
    assert (response.entity, response.description) == ("airport", "What the delay model reads")
    assert [feature.name for feature in response.features] == SET
    assert response.features[2] == wire.Feature(
        entity="airport",
        name="mean_departure_delay_1h",
        pipeline="airport_departure_delay",
        type="DOUBLE",
        max_age_ms=7_200_000,
        ttl_ms=604_800_000,
        default_value="0",
        unit="min",
        description="Mean delay",
    )
    assert not response.features[0].HasField("default_value")


def test_list_features(registered: Service) -> None:
    everything = registered.stub.ListFeatures(wire.ListFeaturesRequest(), timeout=5)
    assert [(feature.entity, feature.name) for feature in everything.features] == [
        ("airport", "departures_1h"),
        ("airport", "mean_departure_delay_1h"),
        ("airport", "remark"),
        ("airport", "temperature"),
        ("user_item", "clicks_1d"),
    ]
    assert list(everything.feature_sets) == ["clicks", "delay_model_v3"]
    one = registered.stub.ListFeatures(wire.ListFeaturesRequest(entity="user_item"), timeout=5)
    assert [feature.name for feature in one.features] == ["clicks_1d"]
    assert list(one.feature_sets) == ["clicks"]


def test_what_there_is_not(registered: Service, unregistered: Service) -> None:
    calls = [
        lambda stub: stub.GetFeatureSet(wire.GetFeatureSetRequest(feature_set="nonsense"), timeout=5),
        lambda stub: stub.GetFeatures(
            wire.GetFeaturesRequest(entity_name="airport:A", feature_set="nonsense"), timeout=5
        ),
        lambda stub: stub.ListFeatures(wire.ListFeaturesRequest(entity="nonsense"), timeout=5),
    ]
    for call in calls:
        code, message = refusal(lambda call=call: call(registered.stub))
        assert code == grpc.StatusCode.NOT_FOUND
        assert "'nonsense'" in message
        assert refusal(lambda call=call: call(unregistered.stub))[0] == grpc.StatusCode.FAILED_PRECONDITION
