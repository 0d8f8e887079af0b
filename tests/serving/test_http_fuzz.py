"""Whatever is sent to the HTTP side: an answer or a refusal with a message, never our failure, and it stays up."""

import http.client
import json
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serving_harness import DEADLINE_S, RedisServer, Service

FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PATHS = ["/v1/features:get", "/v1/features:batchGet", "/v1/features", "/v1/feature-sets/delay_model_v3", "/docs"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.text("a:é\ud800", max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)
MEMBERS = st.sampled_from(
    ["entityName", "entityNames", "featureNames", "feature_set", "withEventTimes", "valueFormat", "x"]
)
ENTITIES = st.sampled_from(["airport:A", "airport:", "airport", "user_item:1:2", "@registry:x"])
PLAUSIBLE = st.dictionaries(
    MEMBERS,
    JSON | ENTITIES | st.lists(ENTITIES, max_size=3) | st.lists(st.sampled_from(["remark", "", "q"])),
    max_size=4,
)
BODIES = st.binary(max_size=200) | (JSON | PLAUSIBLE).map(lambda document: json.dumps(document).encode())
HEADERS = st.dictionaries(
    st.sampled_from(["grpc-timeout", "x-request-id", "authorization", "content-encoding", "expect", "accept"]),
    st.binary(max_size=12).map(lambda raw: raw.translate(None, b"\r\n\0").decode("latin-1"))
    | st.sampled_from(["0n", "1S", "99999999H", "gzip", "br", "deflate", "100-continue", "Bearer x"]),
    max_size=2,
)


@pytest.fixture(autouse=True)
def still_well(over_http: Service, shared_redis: RedisServer) -> object:
    """After all of it the same process answers, and has nothing to complain of."""
    yield
    assert over_http.process.poll() is None
    assert over_http.statuses("airport:NONE", "departures_1h") == ["MISSING"]
    assert "Traceback" not in over_http.log
    assert "ERROR" not in over_http.log


@FUZZ
@given(st.sampled_from(["GET", "POST", "HEAD", "PUT"]), st.sampled_from(PATHS), HEADERS, BODIES)
def test_requests(over_http: Service, verb: str, path: str, headers: dict[str, str], body: bytes) -> None:
    host, _, port = over_http.http.partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)
    try:
        connection.request(verb, path, body, {"Content-Type": "application/json"} | headers)
        response = connection.getresponse()
        answer = response.read()
    finally:
        connection.close()
    assert response.status in (200, 400, 404, 405, 413, 415, 504), (response.status, answer)
    if response.status != 200 and verb != "HEAD":
        error = json.loads(answer)["error"]
        assert error["code"] == response.status
        assert error["message"]
        assert "Traceback" not in error["message"]


@FUZZ
@given(st.text(st.characters(codec="ascii", exclude_characters=" \r\n", exclude_categories=["Cc"]), max_size=30))
def test_paths(over_http: Service, path: str) -> None:
    status = exchange(over_http, f"GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert status in (200, 400, 404, 405)


@FUZZ
@given(
    st.binary(max_size=300)
    | st.binary(max_size=60).map(lambda raw: b"POST /v1/features:get HTTP/1.1\r\nHost: x\r\n" + raw)
    | st.binary(max_size=60).map(
        lambda raw: (
            b"POST /v1/features:get HTTP/1.1\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + raw
        )
    )
)
def test_bytes(over_http: Service, raw: bytes) -> None:
    assert exchange(over_http, raw, and_no_more=True) in (None, 200, 400, 404, 405, 413, 415)


def exchange(service: Service, raw: bytes, *, and_no_more: bool = False) -> int | None:
    """The status of the answer to these bytes, None without one; with `and_no_more` their end is told, too."""
    host, _, port = service.http.partition(":")
    with socket.create_connection((host, int(port)), timeout=DEADLINE_S) as connection:
        connection.sendall(raw)
        if and_no_more:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while part := connection.recv(65536):
                answer += part
        except ConnectionError:
            pass
    return int(answer.split(b" ", 2)[1]) if answer else None
