"""A service that is gone, slow or overloaded: what the caller is told, when, and what is tried again."""

from __future__ import annotations

import pickle
import threading
import time

import pytest
from client_registry import PIPELINE
from fake_service import FakeService
from featuremill_client import (
    Client,
    DeadlineExceeded,
    FeaturemillError,
    Limits,
    NotFound,
    Overloaded,
    Retries,
    ServiceFailed,
    Status,
    TryAgain,
    Unavailable,
)
from serving_harness import NOW_MS, Gate, RedisServer, free_port, wait_until


@pytest.fixture
def own_redis(tmp_path):
    """A Redis that a test may stop or hold up."""
    folder = tmp_path / "redis"
    folder.mkdir()
    with RedisServer(folder) as server:
        yield server


def test_nobody_is_there(connect):
    client = connect(f"127.0.0.1:{free_port()}", timeout=5.0)
    with pytest.raises(Unavailable) as failed:
        client.get("airport:JFK", ["remark"])
    assert failed.value.code == "UNAVAILABLE"
    assert len(failed.value.request_id) == 32


def test_a_proxy_is_for_other_machines(connect, service, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    for name in ("no_proxy", "NO_PROXY", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert connect(service.address).get("airport:PROXY", ["remark"]).missing == ("remark",)


def test_a_service_that_comes_back(connect, shared_redis, start_service):
    shared_redis.write("airport:BACK", {"remark": "there"}, {PIPELINE: NOW_MS})
    port = free_port()
    flags = ["--redis", shared_redis.address, "--listen", f"127.0.0.1:{port}"]
    service = start_service(*flags)
    client = connect(service.address, timeout=2.0)
    assert client.get("airport:BACK", ["remark"])["remark"] == "there"
    service.end()
    with pytest.raises(TryAgain):
        client.get("airport:BACK", ["remark"])
    with pytest.raises(TryAgain):
        client.frame(["airport:BACK"], ["remark"], timeout=1.0)
    start_service(*flags)

    def answers() -> bool:
        try:
            return client.get("airport:BACK", ["remark"]).status["remark"] is Status.PRESENT
        except TryAgain:
            return False

    wait_until(answers, "the client finds the service again", 10.0)


def test_a_service_that_starts_within_the_deadline(connect, shared_redis, start_service):
    """The first attempts find nobody, a later one the service, and the caller knows nothing of it."""
    port = free_port()
    patient = Retries(attempts=5, first_pause_s=2.0, longest_pause_s=20.0)
    client = connect(f"127.0.0.1:{port}", timeout=60.0, retries=patient)
    found = []
    asking = threading.Thread(target=lambda: found.append(client.get("airport:LATE", ["remark"])))
    asking.start()
    start_service("--redis", shared_redis.address, "--listen", f"127.0.0.1:{port}")
    asking.join()
    assert found[0].status["remark"] is Status.MISSING


def test_a_deadline_that_the_store_outlasts(connect, own_redis, start_service):
    with Gate(own_redis.port, b"HMGET") as gate:
        service = start_service("--redis", gate.address, "--redis-timeout", "30")
        client = connect(service.address)
        with pytest.raises(DeadlineExceeded) as failed:
            client.get("airport:JFK", ["remark"], timeout=2.0)
        assert failed.value.code == "DEADLINE_EXCEEDED"
        assert gate.reached.is_set()
        with pytest.raises(DeadlineExceeded):
            client.frame(["airport:JFK"], ["remark"], timeout=0.3)


def test_the_default_deadline(start_service, own_redis):
    with Gate(own_redis.port, b"HMGET") as gate:
        service = start_service("--redis", gate.address, "--redis-timeout", "30")
        with Client(service.address) as client:
            started = time.monotonic()
            with pytest.raises(DeadlineExceeded):
                client.get("airport:JFK", ["remark"])
            assert 0.3 < time.monotonic() - started < 5.0


def test_a_frame_that_has_no_time_left_asks_no_more(connect):
    with FakeService(slow_s=0.4) as fake:
        client = connect(fake.address, limits=Limits(entities=1), parallel_calls=1)
        with pytest.raises(DeadlineExceeded):
            client.frame([f"airport:{number}" for number in range(50)], ["remark"], timeout=1.0)
        assert 1 <= fake.calls["BatchGetFeatures"] <= 3


def test_the_store_is_gone(connect, own_redis, start_service):
    service = start_service("--redis", own_redis.address, "--redis-timeout", "0.2")
    client = connect(service.address)
    assert client.get("airport:JFK", ["remark"]).missing == ("remark",)
    own_redis.kill()
    with pytest.raises(Unavailable, match="the feature store can't be read at the moment"):
        client.get("airport:JFK", ["remark"], timeout=5.0)
    own_redis.start()
    wait_until(lambda: service.statuses("airport:JFK", "remark") == ["MISSING"], "the service reads Redis again")
    assert client.get("airport:JFK", ["remark"]).missing == ("remark",)


def test_overloaded(connect, own_redis, start_service):
    with Gate(own_redis.port, b"HMGET") as gate:
        service = start_service("--redis", gate.address, "--redis-timeout", "30", "--max-reads", "1")
        client = connect(service.address, retries=1)
        first = threading.Thread(target=lambda: client.get("airport:JFK", ["remark"]))
        first.start()
        assert gate.reached.wait(10)
        with pytest.raises(Overloaded, match="too many reads are under way"):
            client.get("airport:LGA", ["remark"], timeout=5.0)
        # while there is room again within the deadline, the caller knows nothing of it
        patient = connect(service.address, retries=Retries(attempts=5, first_pause_s=0.2, longest_pause_s=5.0))
        later = threading.Thread(target=lambda: found.append(patient.get("airport:LGA", ["remark"])))
        found: list[object] = []
        later.start()
        wait_until(lambda: service.log.count("too many reads") >= 2, "the first attempt is refused")
        gate.opened.set()
        later.join()
        first.join()
        assert len(found) == 1


@pytest.mark.parametrize(
    ("code", "kind", "calls"),
    [
        ("UNAVAILABLE", Unavailable, 3),
        ("RESOURCE_EXHAUSTED", Overloaded, 3),
        ("INTERNAL", ServiceFailed, 1),
        ("NOT_FOUND", NotFound, 1),
        ("DEADLINE_EXCEEDED", DeadlineExceeded, 1),
        ("UNIMPLEMENTED", ServiceFailed, 1),
        ("UNKNOWN", ServiceFailed, 1),
        ("DATA_LOSS", ServiceFailed, 1),
    ],
)
def test_what_is_tried_again(connect, code, kind, calls):
    with FakeService(code=code) as fake:
        client = connect(fake.address, retries=3)
        with pytest.raises(kind, match=f"the fake says {code}") as failed:
            client.get("airport:JFK", ["remark"])
        assert type(failed.value) is kind
        assert failed.value.code == code
        assert fake.calls["GetFeatures"] == calls
        with pytest.raises(kind):
            client.frame(["airport:JFK"], ["remark"])
        assert fake.calls["BatchGetFeatures"] == calls


def test_never_again(connect):
    with FakeService(code="UNAVAILABLE") as fake:
        with pytest.raises(Unavailable):
            connect(fake.address, retries=1).get("airport:JFK", ["remark"])
        assert fake.calls["GetFeatures"] == 1


def test_retries_stop_where_most_calls_fail(connect):
    """A hundred callers of a service that is down are not four hundred."""
    with FakeService(code="UNAVAILABLE") as fake:
        client = connect(fake.address, retries=Retries(5, 0.01, 0.01))
        for _ in range(100):
            with pytest.raises(Unavailable):
                client.get("airport:JFK", ["remark"])
        assert 100 < fake.calls["GetFeatures"] < 220


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"attempts": 0}, "must be 1 to 5"),
        ({"attempts": 6}, "must be 1 to 5"),
        ({"first_pause_s": 0.001}, "must be 0.01 at least"),
        ({"first_pause_s": 2.0}, "no more than longest_pause_s, which is 1"),
    ],
)
def test_retries_that_can_not_be(settings, message):
    with pytest.raises(ValueError, match=message):
        Retries(**settings)


def test_all_attempts_have_the_callers_request_id(connect):
    with FakeService(code="UNAVAILABLE") as fake:
        with pytest.raises(Unavailable):
            connect(fake.address, retries=3).get("airport:JFK", ["remark"], request_id="mine")
        assert fake.request_ids == {"mine"}


def test_the_last_word_of_the_registry_holds_while_it_can_not_be_asked(connect):
    with FakeService(values=["17"], types={"departures_1h": "BIGINT"}) as fake:
        client = connect(fake.address, registry_max_age=0.0)
        assert client.get("airport:JFK", ["departures_1h"])["departures_1h"] == 17
        fake.listing_fails = True
        assert client.get("airport:JFK", ["departures_1h"])["departures_1h"] == 17
        assert fake.calls["ListFeatures"] >= 2


@pytest.mark.parametrize("answer", [b"\xff\xff\xff", b"", b"\x12\x01\x01"])
def test_an_answer_that_is_none(connect, answer):
    with FakeService(raw=answer) as fake, pytest.raises(ServiceFailed, match="the answer"):
        connect(fake.address).frame(["airport:JFK", "airport:LGA"], ["remark"])


def test_an_answer_for_other_features(connect):
    with FakeService(values=["1", "2"]) as fake, pytest.raises(ServiceFailed, match="not one for 1 features"):
        connect(fake.address).get("airport:JFK", ["remark"])


def test_errors_cross_processes():
    error = Overloaded("too much", request_id="7", code="RESOURCE_EXHAUSTED")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.code) == (Overloaded, "too much (request 7)", "RESOURCE_EXHAUSTED")
    assert isinstance(copy, FeaturemillError)
