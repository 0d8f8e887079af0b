"""One entity's features, from a real service and a real Redis."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from client_registry import FEATURES, HOUR_MS, PIPELINE, write_registry
from featuremill_client import (
    Client,
    FeaturemillError,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    Status,
    entity_key,
)
from featuremill_client.v1 import serving_pb2
from serving_harness import NOW, NOW_MS, wait_until

VALUES = [(name, text, value) for name, (_, _, _, texts) in FEATURES.items() for text, value in texts.items()]


def test_the_statuses_are_those_of_the_wire():
    wire = serving_pb2.DESCRIPTOR.enum_types_by_name["FeatureStatus"].values
    assert {value.name: value.number for value in wire} == {f"FEATURE_STATUS_{s.name}": s.value for s in Status}


@pytest.mark.parametrize(("name", "text", "value"), VALUES, ids=[f"{name} {text}" for name, text, _ in VALUES])
def test_every_type(client, shared_redis, name, text, value):
    shared_redis.write("sample:one", {name: text}, {PIPELINE: NOW_MS})
    found = client.get("sample:one", [name])
    assert found[name] == value
    assert type(found[name]) is type(value)
    assert found.status[name] is Status.PRESENT


def test_values_with_their_statuses_and_times(client, shared_redis):
    shared_redis.write("airport:JFK", {"departures_1h": "17", "remark": "x"}, {PIPELINE: NOW_MS - 3 * HOUR_MS})
    found = client.get("airport:JFK", ["remark", "departures_1h", "mean_delay_1h", "no_such"], event_times=True)
    assert dict(found) == {"remark": "x", "departures_1h": 17, "mean_delay_1h": 0.0, "no_such": None}
    assert list(found) == ["remark", "departures_1h", "mean_delay_1h", "no_such"]
    assert found.status == {
        "remark": Status.STALE,
        "departures_1h": Status.STALE,
        "mean_delay_1h": Status.DEFAULTED,
        "no_such": Status.UNKNOWN_FEATURE,
    }
    written = datetime.fromisoformat(NOW.replace("Z", "+00:00")) - timedelta(hours=3)
    assert found.event_time == {"remark": written, "departures_1h": written, "mean_delay_1h": written, "no_such": None}
    assert written.tzinfo == UTC
    assert found.missing == ("no_such",)
    assert found.stale == ("remark", "departures_1h")


def test_an_entity_without_features(client):
    found = client.get(entity_key("airport", "no:where"), ["departures_1h", "departures_1h"])
    assert dict(found) == {"departures_1h": None}
    assert found.missing == ("departures_1h",)
    assert found.event_time == {}


def test_a_feature_set(client, shared_redis):
    shared_redis.write("airport:LGA", {"departures_1h": "3", "mean_delay_1h": "1.5"}, {PIPELINE: NOW_MS})
    found = client.get("airport:LGA", feature_set="delay_model_v3")
    assert list(found.items()) == [("mean_delay_1h", 1.5), ("departures_1h", 3)]


@pytest.mark.parametrize(("name", "text"), [("day", "2013-02-31"), ("moment", "12013-01-01T00:00:00.000Z")])
def test_what_python_has_no_value_for_is_invalid(client, shared_redis, name, text):
    shared_redis.write("sample:never", {name: text, "big": "1"}, {PIPELINE: NOW_MS})
    found = client.get("sample:never", [name, "big"])
    assert found[name] is None
    assert found.status == {name: Status.INVALID, "big": Status.PRESENT}


@pytest.mark.parametrize(
    ("entity", "options", "kind", "message"),
    [
        ("JFK", {"features": ["remark"]}, InvalidRequest, "must be <entity>:<key>"),
        ("airport:JFK", {"features": []}, InvalidRequest, "feature_names is empty"),
        ("airport:JFK", {}, InvalidRequest, "say which features"),
        ("airport:JFK", {"features": ["a"], "feature_set": "b"}, InvalidRequest, "say which features"),
        ("airport:JFK", {"features": "remark"}, InvalidRequest, "must be a list"),
        ("airport:JFK", {"features": [7]}, InvalidRequest, "can't be asked for"),
        (None, {"features": ["a"]}, InvalidRequest, "an entity is None"),
        ("airport:\ud800", {"features": ["a"]}, InvalidRequest, "can't be asked for"),
        ("airport:JFK", {"feature_set": "no_such"}, NotFound, "no feature set 'no_such'"),
        ("sample:one", {"feature_set": "delay_model_v3"}, InvalidRequest, "is for the entity 'airport'"),
    ],
)
def test_mistakes(client, entity, options, kind, message):
    with pytest.raises(kind, match=message):
        client.get(entity, **options)


def test_what_is_stored_is_no_entity(client, shared_redis):
    shared_redis.client.set("airport:STRING", "17")
    with pytest.raises(PreconditionFailed, match="is not an entity's features") as failed:
        client.get("airport:STRING", ["remark"], request_id="the-id-of-this-call")
    assert failed.value.request_id == "the-id-of-this-call"
    assert failed.value.code == "FAILED_PRECONDITION"
    assert "the-id-of-this-call" in str(failed.value)


def test_without_a_registry_values_are_text(connect, shared_redis, start_service):
    service = start_service("--redis", shared_redis.address)
    shared_redis.write("airport:TXT", {"departures_1h": "17"}, {PIPELINE: NOW_MS})
    assert dict(connect(service.address).get("airport:TXT", ["departures_1h"])) == {"departures_1h": "17"}


def test_a_new_feature_is_known_at_once(connect, shared_redis, start_service, tmp_path, monkeypatch):
    registry = write_registry(tmp_path / "registry.json")
    service = start_service("--redis", shared_redis.address, "--registry", str(registry), "--now", NOW)
    shared_redis.write("sample:new", {"big": "1", "brand_new": "2"}, {PIPELINE: NOW_MS})
    client = connect(service.address)
    assert client.get("sample:new", ["brand_new"]).status["brand_new"] is Status.UNKNOWN_FEATURE
    write_registry(registry, brand_new="BIGINT")
    wait_until(lambda: service.statuses("sample:new", "brand_new") == ["PRESENT"], "the registry is read")
    monkeypatch.setattr("featuremill_client.registry.ASK_AGAIN_S", 0.0)
    assert client.get("sample:new", ["brand_new"])["brand_new"] == 2


def test_a_type_that_changed_all_the_same(connect, shared_redis, start_service, tmp_path, monkeypatch):
    """It never should. What was known is asked for again where a value isn't of it."""
    monkeypatch.setattr("featuremill_client.registry.ASK_AGAIN_S", 0.0)
    registry = write_registry(tmp_path / "registry.json", moved="DATE", counted="STRING")
    service = start_service("--redis", shared_redis.address, "--registry", str(registry), "--now", NOW)
    shared_redis.write("sample:moved", {"moved": "2013-01-31", "counted": "7"}, {PIPELINE: NOW_MS})
    client, framing = connect(service.address), connect(service.address)
    assert client.get("sample:moved", ["moved", "counted"])["counted"] == "7"
    assert framing.frame(["sample:moved"], ["counted"]).to_arrow()["counted"].to_pylist() == ["7"]
    write_registry(registry, moved="STRING", counted="BIGINT")
    shared_redis.write("sample:moved", {"moved": "tomorrow", "counted": "8"}, {PIPELINE: NOW_MS})
    wait_until(lambda: service.statuses("sample:moved", "moved") == ["PRESENT"], "the registry is read")
    assert framing.frame(["sample:moved"], ["counted"]).to_arrow()["counted"].to_pylist() == [8]
    frame = framing.frame(["sample:moved"], ["moved"])
    assert frame.to_arrow()["moved"].to_pylist() == ["tomorrow"]
    assert frame.statuses.to_arrow()["moved"].to_pylist() == ["PRESENT"]
    assert dict(client.get("sample:moved", ["moved", "counted"])) == {"moved": "tomorrow", "counted": 8}


def test_the_registry_is_asked_once(start_service, shared_redis, tmp_path):
    registry = write_registry(tmp_path / "registry.json")
    service = start_service("--redis", shared_redis.address, "--registry", str(registry), "--log-requests")
    with Client(service.address, timeout=20) as client:
        for _ in range(3):
            client.get("airport:JFK", ["remark"], request_id="asked")
    calls = [line for line in service.log.splitlines() if "asked" in line]
    assert sum("ListFeatures" in line for line in calls) == 1
    assert sum("GetFeatures" in line for line in calls) == 3


def test_threads_share_a_client(service, shared_redis):
    for number in range(8):
        shared_redis.write(f"airport:T{number}", {"departures_1h": str(number)}, {PIPELINE: NOW_MS})
    wrong: list[object] = []

    def ask(client: Client, number: int) -> None:
        for _ in range(50):
            found = client.get(f"airport:T{number}", ["departures_1h"])["departures_1h"]
            if found != number:
                wrong.append(found)

    with Client(service.address, timeout=20) as client:
        threads = [threading.Thread(target=ask, args=(client, number)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_a_closed_client(client):
    client.get("airport:JFK", ["remark"])
    client.close()
    with pytest.raises(FeaturemillError, match="closed"):
        client.get("airport:JFK", ["remark"])


def test_values_as_json_like(client, shared_redis):
    shared_redis.write("sample:json", {"pair": json.dumps({"a": 12.34, "b": None})}, {PIPELINE: NOW_MS})
    assert str(client.get("sample:json", ["pair"])["pair"]["a"]) == "12.34"
