"""BatchGetFeatures as a caller sees it. Every engine has to pass this."""

from typing import Any

import grpc
import pytest
from serving_harness import NOW_MS, RedisServer, Service, cases, commands_of, expand, refusal, status_names

AIRPORTS = {
    "airport:B1": ({"departures_1h": "1", "mean_departure_delay_1h": "1.5", "remark": "a"}, 0),
    "airport:B2": ({"departures_1h": "2", "mean_departure_delay_1h": "x"}, 7_200_001),
    "airport:B3": ({"departures_1h": "-3"}, 604_800_001),
}


@pytest.fixture
def airports(shared_redis: RedisServer) -> list[str]:
    """Three airports in Redis, and one that isn't there."""
    for name, (values, age_ms) in AIRPORTS.items():
        times = dict.fromkeys(("airport_departure_delay", "airport_weather"), NOW_MS - age_ms)
        shared_redis.write(name, values, times)
    return [*AIRPORTS, "airport:NONE"]


def test_a_row_is_what_get_features_answers(registered: Service, airports: list[str]) -> None:
    names = ["remark", "departures_1h", "nonsense", "mean_departure_delay_1h", "departures_1h"]
    entities = [airports[1], *airports, airports[1]]
    batch = registered.batch(entities, names, with_event_times=True)
    single = [registered.get(entity, names, event_times=True) for entity in entities]
    assert list(batch.values) == [value for each in single for value in each.values]
    assert list(batch.statuses) == [status for each in single for status in each.statuses]
    assert list(batch.event_times_ms) == [time_ms for each in single for time_ms in each.event_times_ms]
    assert not batch.feature_names
    assert not batch.columns
    assert {"PRESENT", "STALE", "MISSING", "DEFAULTED", "INVALID", "UNKNOWN_FEATURE"} == set(status_names(batch))


def test_event_times_only_when_asked_for(registered: Service, airports: list[str]) -> None:
    assert not registered.batch(airports, ["departures_1h"]).event_times_ms


def test_columns_have_the_types_of_their_features(registered: Service, airports: list[str]) -> None:
    names = ["departures_1h", "mean_departure_delay_1h", "remark", "nonsense", "departures_1h"]
    batch = registered.batch(airports, names, value_format="VALUE_FORMAT_COLUMNS")
    kinds = [each.WhichOneof("values") for each in batch.columns]
    assert kinds == ["int64s", "doubles", "strings", "strings", "int64s"]
    assert [list(getattr(each, kind).values) for each, kind in zip(batch.columns, kinds, strict=True)] == [
        [1, 2, 0, 0],
        [1.5, 0.0, 0.0, 0.0],
        ["a", "", "", ""],
        ["", "", "", ""],
        [1, 2, 0, 0],
    ]
    assert status_names(batch)[:5] == ["PRESENT", "PRESENT", "PRESENT", "UNKNOWN_FEATURE", "PRESENT"]
    assert not batch.values


def test_without_a_registry_columns_are_text(unregistered: Service, airports: list[str]) -> None:
    batch = unregistered.batch(airports[:1], ["departures_1h"], value_format="VALUE_FORMAT_COLUMNS")
    assert list(batch.columns[0].strings.values) == ["1"]
    assert status_names(batch) == ["PRESENT"]


def test_duplicates_are_read_once(registered: Service, shared_redis: RedisServer, airports: list[str]) -> None:
    asked = [airports[0], airports[1], airports[0], airports[0]]
    assert commands_of(shared_redis, lambda: registered.batch(asked, ["remark", "remark"])) == [
        f"HMGET {airport} remark @airport_weather" for airport in airports[:2]
    ]


def test_thousands_in_one_call(unregistered: Service, shared_redis: RedisServer) -> None:
    pipe = shared_redis.client.pipeline()
    for number in range(5000):
        pipe.hset(f"many:{number}", mapping={"me": number, "twice": 2 * number})
    pipe.execute()
    entities = [f"many:{number}" for number in range(5000)]
    batch = unregistered.batch(entities, ["me", "twice", "never"])
    assert list(batch.values) == [text for number in range(5000) for text in (str(number), str(2 * number), "")]
    assert status_names(batch) == ["PRESENT", "PRESENT", "MISSING"] * 5000


def test_an_entity_that_is_none_fails_the_call_and_is_named(registered: Service, shared_redis: RedisServer) -> None:
    shared_redis.client.set("airport:STRING", "17")
    code, message = refusal(lambda: registered.batch(["airport:B1", "airport:STRING"], ["departures_1h"]))
    assert code == grpc.StatusCode.FAILED_PRECONDITION
    assert message == "what is stored under 'airport:STRING' is not an entity's features"


@pytest.mark.parametrize("case", cases("invalid_batches.jsonl"))
def test_invalid_requests(registered: Service, case: dict[str, Any]) -> None:
    request = {name: expand(value) for name, value in case["request"].items()}
    code, message = refusal(lambda: registered.batch(request.pop("entity_names"), request.pop("names"), **request))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert case["message"] in message
