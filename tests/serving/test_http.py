"""What is HTTP's own: paths, headers, errors, limits, the end. What the calls answer is tested with gRPC's."""

import asyncio
import gzip
import json
import signal
import socket
import ssl
import threading
from pathlib import Path

import httpx
import pytest
from access_flags import REGISTRY, tls_flags, token_line, write_callers
from certificates import Authority
from featuremill_serving.v1 import serving_pb2 as wire
from google.protobuf import json_format
from serving_harness import (
    DEADLINE_S,
    NOW_MS,
    Gate,
    RedisServer,
    Service,
    StartService,
    free_port,
    http_get,
    metric,
    wait_until,
)

GET, BATCH = "/v1/features:get", "/v1/features:batchGet"
ECHO = {"entityName": "echo:1", "featureNames": ["me"]}


@pytest.fixture
def client(over_http: Service) -> httpx.Client:
    """A client of a service with a registry."""
    found: httpx.Client = over_http.stub.client
    return found


def error(response: httpx.Response) -> tuple[int, str, str]:
    """The HTTP status, the gRPC code and the message of a refusal."""
    assert response.headers["content-type"] == "application/json"
    found = response.json()["error"]
    assert found["code"] == response.status_code
    return response.status_code, found["status"], found["message"]


def test_an_answer_is_the_json_of_grpcs(over_http: Service, shared_redis: RedisServer, client: httpx.Client) -> None:
    shared_redis.write(
        "airport:JSON",
        {"departures_1h": "17", "mean_departure_delay_1h": "nan", "remark": "é\n"},
        {"airport_departure_delay": NOW_MS, "airport_weather": NOW_MS - 7_200_001},
    )
    names = ["remark", "departures_1h", "nonsense", "mean_departure_delay_1h", "temperature"]
    grpc_stub = over_http.grpc_stub
    request = wire.BatchGetFeaturesRequest(
        entity_names=["airport:JSON", "airport:NONE"],
        feature_names=names,
        with_event_times=True,
        value_format=wire.VALUE_FORMAT_COLUMNS,
    )
    for path, answer in (
        (BATCH, grpc_stub.BatchGetFeatures(request, timeout=DEADLINE_S)),
        (
            GET,
            grpc_stub.GetFeatures(
                wire.GetFeaturesRequest(entity_name="airport:JSON", feature_names=names), timeout=DEADLINE_S
            ),
        ),
        ("/v1/features", grpc_stub.ListFeatures(wire.ListFeaturesRequest(), timeout=DEADLINE_S)),
        (
            "/v1/feature-sets/delay_model_v3",
            grpc_stub.GetFeatureSet(wire.GetFeatureSetRequest(feature_set="delay_model_v3"), timeout=DEADLINE_S),
        ),
    ):
        body = json_format.MessageToDict(request) if path == BATCH else {"entityName": "airport:JSON"}
        response = client.post(path, json={"featureNames": names} | body) if ":" in path else client.get(path)
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        assert response.json() == json_format.MessageToDict(answer, always_print_fields_with_no_presence=True)


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "expected"),
    [
        ("POST", GET, {}, b"", (400, "INVALID_ARGUMENT", "it can't be read as JSON: Expecting value: line 1")),
        ("POST", GET, {}, b"\xff", (400, "INVALID_ARGUMENT", "not all of it is Unicode text")),
        ("POST", GET, {}, b"[" * 100_000, (400, "INVALID_ARGUMENT", "it is nested too deeply")),
        ("POST", GET, {}, b"9" * 5000, (400, "INVALID_ARGUMENT", "can't be read as JSON")),
        ("POST", GET, {}, b"[]", (400, "INVALID_ARGUMENT", "it has to be a JSON object")),
        ("POST", GET, {}, b'{"entityName": 7}', (400, "INVALID_ARGUMENT", "entityName")),
        ("POST", GET, {}, b'{"entityName": "\\ud800"}', (400, "INVALID_ARGUMENT", "entityName")),
        ("POST", GET, {}, b'{"featureNames": "me"}', (400, "INVALID_ARGUMENT", "featureNames")),
        ("POST", GET, {}, b'{"withEventTimes": 1}', (400, "INVALID_ARGUMENT", "withEventTimes")),
        ("POST", GET, {}, b'{"entity": "echo:1"}', (400, "INVALID_ARGUMENT", 'no field named "entity"')),
        ("POST", GET, {}, b'{"entityName": "a", "entityName": "b"}', (400, "INVALID_ARGUMENT", "stands there twice")),
        ("POST", BATCH, {}, b'{"valueFormat": "X"}', (400, "INVALID_ARGUMENT", "valueFormat")),
        ("POST", GET, {"content-type": "text/plain"}, b"{}", (415, "INVALID_ARGUMENT", "application/json")),
        ("POST", GET, {"content-encoding": "gzip"}, b"{}", (400, "INVALID_ARGUMENT", "not what Content-Encoding says")),
        ("POST", GET, {"content-encoding": "gzip"}, gzip.compress(b"{}")[:-1], (400, "INVALID_ARGUMENT", "Encoding")),
        ("POST", GET, {"content-encoding": "gzip"}, gzip.compress(b"{}") + b"x", (400, "INVALID_ARGUMENT", "Encoding")),
        ("POST", GET, {"content-encoding": "deflate"}, b"{}", (415, "INVALID_ARGUMENT", "Encoding may be gzip")),
        ("POST", GET, {"grpc-timeout": "5"}, b"{}", (400, "INVALID_ARGUMENT", "grpc-timeout must be a number")),
        ("POST", GET, {"grpc-timeout": "１S".encode()}, b"{}", (400, "INVALID_ARGUMENT", "grpc-timeout must be")),
        ("GET", GET, {}, b"", (405, "UNIMPLEMENTED", "this is for POST alone")),
        ("POST", "/v1/features", {}, b"{}", (405, "UNIMPLEMENTED", "this is for GET alone")),
        ("POST", "/docs", {}, b"{}", (405, "UNIMPLEMENTED", "this is for GET alone")),
        ("GET", "/v1/features?entity=a&entity=b", {}, b"", (400, "INVALID_ARGUMENT", "'entity' is given twice")),
        ("GET", "/v1/features?limit=1", {}, b"", (400, "INVALID_ARGUMENT", 'no field named "limit"')),
        ("GET", "/v1/features?entity=x", {}, b"", (404, "NOT_FOUND", "there is no entity 'x'")),
        ("GET", "/v1/feature-sets/x%2Fy", {}, b"", (404, "NOT_FOUND", "there is no feature set 'x/y'")),
        ("GET", "/v1/feature-sets/", {}, b"", (404, "NOT_FOUND", "there is nothing here")),
        ("GET", "/v1/feature-sets/a/b", {}, b"", (404, "NOT_FOUND", "there is nothing here")),
        ("GET", "/", {}, b"", (404, "NOT_FOUND", "/docs tells what there is")),
    ],
    ids=str,
)
def test_refusals(
    client: httpx.Client, method: str, path: str, headers: dict[str, str], body: bytes, expected: tuple[int, str, str]
) -> None:
    response = client.request(method, path, content=body, headers={"content-type": "application/json"} | headers)
    status, code, message = error(response)
    assert (status, code) == expected[:2]
    assert expected[2] in message
    if status == 405:
        assert response.headers["allow"] == expected[2].split()[3]


def test_members_go_by_both_of_their_names_and_a_body_may_be_compressed(client: httpx.Client) -> None:
    body = {"entity_name": "airport:NONE", "featureNames": ["departures_1h"], "with_event_times": None}
    headers = {"content-type": "application/json; charset=utf-8", "content-encoding": "gzip"}
    response = client.post(GET, content=gzip.compress(json.dumps(body).encode()), headers=headers)
    assert response.json() == {
        "values": [""],
        "statuses": ["FEATURE_STATUS_MISSING"],
        "eventTimesMs": [],
        "featureNames": [],
    }


def test_the_descriptions(client: httpx.Client) -> None:
    assert client.get("/openapi.json").json()["openapi"] == "3.1.0"
    page = client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "//" not in page.text.replace("http://HOST:PORT", "")
    assert client.head("/docs").status_code == 200
    assert "aiohttp" not in "".join(page.headers.values())


def test_what_is_no_http(over_http: Service) -> None:
    host, _, port = over_http.http.partition(":")
    chunked = b"POST /v1/features:get HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    for raw in (
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        chunked + b"Content-Type: application/json\r\n\r\nzz\r\n",
    ):
        with socket.create_connection((host, int(port)), timeout=DEADLINE_S) as connection:
            connection.sendall(raw)
            answer = b""
            while part := connection.recv(65536):
                answer += part
        assert answer.split(b" ")[1] == b"400", raw
        assert b'"status": "INVALID_ARGUMENT"' in answer
    assert "Traceback" not in over_http.log


def test_a_body_that_is_too_large_is_not_read(own_redis: RedisServer, start_service: StartService) -> None:
    service = start_service("--redis", own_redis.address, "--max-request-bytes", "1000", by_http=True)
    client = service.stub.client
    headers = {"content-type": "application/json"}
    too_large = (413, "RESOURCE_EXHAUSTED", "the body is too large: at most 1000 bytes are read")
    assert error(client.post(GET, content=b" " * 1001, headers=headers)) == too_large
    pieces = (b" " * 600 for _ in range(2))
    assert error(client.post(GET, content=pieces, headers=headers)) == too_large
    bomb = gzip.compress(b" " * 10_000_000)
    assert len(bomb) < 20_000
    headers["content-encoding"] = "gzip"
    assert error(client.post(GET, content=bomb, headers=headers)) == too_large
    assert client.post(GET, json=ECHO).status_code == 200


def test_a_body_that_does_not_come_is_not_waited_for(over_http: Service) -> None:
    host, _, port = over_http.http.partition(":")
    with socket.create_connection((host, int(port)), timeout=DEADLINE_S) as connection:
        connection.sendall(
            b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
            b"grpc-timeout: 100m\r\n\r\n{" % GET.encode()
        )
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 504 ")
    assert b"took too long" in answer


def test_a_large_body_is_asked_for(client: httpx.Client, over_http: Service) -> None:
    host, _, port = over_http.http.partition(":")
    body = json.dumps(ECHO).encode()
    with socket.create_connection((host, int(port)), timeout=DEADLINE_S) as connection:
        connection.sendall(
            b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            b"Expect: 100-continue\r\nConnection: close\r\n\r\n" % (GET.encode(), len(body))
        )
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_the_log_the_counts_and_the_request_id(own_redis: RedisServer, start_service: StartService) -> None:
    metrics = f"127.0.0.1:{free_port()}"
    arguments = ("--redis", own_redis.address, "--log-format", "json", "--log-requests", "--metrics", metrics)
    service = start_service(*arguments, by_http=True)
    client = service.stub.client
    told = client.post(GET, json=ECHO, headers={"x-request-id": "abc-1"})
    assert told.headers["x-request-id"] == "abc-1"
    for odd in (b"\xff\xfe", b"a\tb", b"x" * 5000):
        made = client.post(GET, json=ECHO, headers={"x-request-id": odd}).headers["x-request-id"]
        assert len(made) in (32, 100)
    client.post(GET, json={})
    service.grpc_stub.GetFeatures(wire.GetFeaturesRequest(entity_name="echo:1", feature_names=["me"]), timeout=5)
    lines = [json.loads(line) for line in service.log.splitlines()]
    calls = [line for line in lines if line["message"].startswith("GetFeatures")]
    assert [line["code"] for line in calls] == ["OK"] * 4 + ["INVALID_ARGUMENT", "OK"]
    assert calls[0]["request_id"] == "abc-1"
    assert all(call["peer"].startswith("ipv4:127.0.0.1:") for call in calls)
    _, text = http_get(metrics, "/metrics")
    assert metric(text, "featuremill_requests_total", method="GetFeatures", code="OK") == 5
    assert metric(text, "featuremill_requests_total", method="GetFeatures", code="INVALID_ARGUMENT") == 1
    assert metric(text, "featuremill_values_total", feature_set="-", status="MISSING") == 5


def test_a_redis_that_is_gone(own_redis: RedisServer, start_service: StartService) -> None:
    service = start_service("--redis", own_redis.address, by_http=True)
    client = service.stub.client
    assert client.get("/readyz").text == "ready\n"
    own_redis.kill()
    unavailable = (503, "UNAVAILABLE", "the feature store can't be read at the moment; try again")
    assert error(client.post(GET, json=ECHO)) == unavailable
    wait_until(lambda: client.get("/readyz").status_code == 503, "readiness tells it")
    assert client.get("/livez").text == "alive\n"
    own_redis.start()
    assert client.post(GET, json=ECHO).status_code == 200


def test_a_deadline(own_redis: RedisServer, start_service: StartService, gate: Gate) -> None:
    service = start_service("--redis", gate.address, by_http=True)
    client = service.stub.client
    response = client.post(GET, json=ECHO, headers={"grpc-timeout": "100m"})
    assert error(response) == (504, "DEADLINE_EXCEEDED", "the request and its answer took too long")
    gate.opened.set()
    assert client.post(GET, json=ECHO, headers={"grpc-timeout": "10S"}).status_code == 200


def test_a_caller_that_goes_away_is_counted(own_redis: RedisServer, start_service: StartService, gate: Gate) -> None:
    metrics = f"127.0.0.1:{free_port()}"
    service = start_service("--redis", gate.address, "--metrics", metrics, by_http=True)
    with pytest.raises(httpx.ReadTimeout):
        service.stub.client.post(GET, json=ECHO, timeout=0.2)
    wait_until(
        lambda: metric(http_get(metrics, "/metrics")[1], "featuremill_requests_total", code="CANCELLED") == 1,
        "the call has ended",
    )
    gate.opened.set()
    assert service.stub.client.post(GET, json=ECHO).status_code == 200
    assert "Traceback" not in service.log


def test_grpc_and_http_are_overloaded_together(own_redis: RedisServer, start_service: StartService, gate: Gate) -> None:
    service = start_service("--redis", gate.address, "--max-reads", "1", by_http=True)
    request = wire.GetFeaturesRequest(entity_name="echo:1", feature_names=["me"])
    waiting = service.grpc_stub.GetFeatures.future(request, timeout=DEADLINE_S)
    assert gate.reached.wait(DEADLINE_S)
    refused = (429, "RESOURCE_EXHAUSTED", "too many reads are under way; try again after a pause")
    assert error(service.stub.client.post(GET, json=ECHO)) == refused
    gate.opened.set()
    waiting.result()
    assert service.stub.client.post(GET, json=ECHO).status_code == 200


def test_a_call_under_way_is_finished(own_redis: RedisServer, start_service: StartService, gate: Gate) -> None:
    service = start_service("--redis", gate.address, by_http=True)
    client = service.stub.client
    answers: list[httpx.Response] = []
    call = threading.Thread(target=lambda: answers.append(client.post(GET, json=ECHO)))
    call.start()
    assert gate.reached.wait(DEADLINE_S)
    service.process.send_signal(signal.SIGTERM)
    wait_until(lambda: "stopping" in service.log, "it is told to stop")
    gate.opened.set()
    call.join()
    assert [answer.status_code for answer in answers] == [200]
    assert service.wait_exit() == 0
    assert "Traceback" not in service.log


def test_while_it_drains_calls_are_taken_and_connections_are_not_kept(
    own_redis: RedisServer, start_service: StartService
) -> None:
    service = start_service("--redis", own_redis.address, "--drain", "60", by_http=True)
    client = service.stub.client
    assert "connection" not in client.post(GET, json=ECHO).headers
    service.process.send_signal(signal.SIGTERM)
    wait_until(lambda: client.get("/readyz").status_code == 503, "readiness tells it")
    answer = client.post(GET, json=ECHO)
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")
    assert service.process.poll() is None


def test_a_connection_that_is_too_old_is_closed_with_an_answer(
    own_redis: RedisServer, start_service: StartService
) -> None:
    service = start_service("--redis", own_redis.address, "--max-connection-age", "0.3", by_http=True)
    answers: list[httpx.Response] = []

    def is_closed() -> bool:
        answers.append(service.stub.client.post(GET, json=ECHO))
        return answers[-1].headers.get("connection") == "close"

    for _ in range(2):
        wait_until(is_closed, "the connection is closed")
    assert {answer.status_code for answer in answers} == {200}


def test_a_grace_of_nothing_ends_it_at_once(own_redis: RedisServer, start_service: StartService, gate: Gate) -> None:
    service = start_service("--redis", gate.address, "--grace", "0", by_http=True)

    def ask() -> None:
        with pytest.raises(httpx.HTTPError):
            service.stub.client.post(GET, json=ECHO)

    call = threading.Thread(target=ask)
    call.start()
    assert gate.reached.wait(DEADLINE_S)
    service.process.send_signal(signal.SIGTERM)
    assert service.wait_exit() == 0
    call.join()
    assert "Traceback" not in service.log


def test_several_processes_share_its_port(own_redis: RedisServer, start_service: StartService) -> None:
    metrics = f"127.0.0.1:{free_port()}"
    arguments = ("--redis", own_redis.address, "--processes", "2", "--metrics", metrics)
    service = start_service(*arguments, "--log-requests", "--log-format", "json", by_http=True)
    for _ in range(30):
        # on a connection of its own
        assert httpx.post(f"http://{service.http}{GET}", json=ECHO, trust_env=False).status_code == 200
    lines = [json.loads(line) for line in service.log.splitlines()]
    assert len({line["process"] for line in lines if line["message"].startswith("GetFeatures")}) == 2
    _, text = http_get(metrics, "/metrics")
    assert metric(text, "featuremill_requests_total", method="GetFeatures", code="OK") == 30
    service.process.send_signal(signal.SIGTERM)
    assert service.wait_exit() == 0


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_port_in_use(own_redis: RedisServer, start_service: StartService, processes: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        arguments = ("--redis", own_redis.address, "--processes", processes, "--http", address)
        service = start_service(*arguments, ready=False)
        assert service.wait_exit() == 3
    assert f"error: can't listen on {address}: " in service.log
    assert "help: give --http another" in service.log
    assert "Traceback" not in service.log


def test_tokens_and_rules(
    own_redis: RedisServer, start_service: StartService, tmp_path_factory: pytest.TempPathFactory
) -> None:
    callers = tmp_path_factory.mktemp("callers") / "callers.toml"
    flags = write_callers(callers, some=f'{token_line("secret-number-2")}\nfeatures = ["*_1h"]')
    service = start_service("--redis", own_redis.address, *REGISTRY, *flags, by_http=True)
    client = service.stub.client
    asked = {"entityName": "airport:A", "featureNames": ["remark"]}
    for headers in ({}, {"authorization": "Bearer x"}, {"authorization": b"Bearer \xff\xe9"}):
        refused = client.post(GET, json=asked, headers=headers)
        assert error(refused)[:2] == (401, "UNAUTHENTICATED")
        assert refused.headers["www-authenticate"] == "Bearer"
    known = {"authorization": "Bearer secret-number-2"}
    assert error(client.post(GET, json=asked, headers=known)) == (
        403,
        "PERMISSION_DENIED",
        "the caller 'some' may not read the feature 'remark'",
    )
    asked["featureNames"] = ["departures_1h"]
    assert client.post(GET, json=asked, headers=known).status_code == 200
    # nobody has to say who they are to learn how to
    assert [client.get(path).status_code for path in ("/docs", "/openapi.json", "/readyz")] == [200, 200, 200]


def test_certificates(
    own_redis: RedisServer, start_service: StartService, tmp_path_factory: pytest.TempPathFactory
) -> None:
    authority = Authority(tmp_path_factory.mktemp("certificates"))
    files = authority.issue("server", expired=True)
    callers = tmp_path_factory.mktemp("callers") / "callers.toml"
    flags = [*tls_flags(files), "--tls-client-ca", str(authority.certificate)]
    flags += write_callers(callers, model='certificate = "model-1"')
    service = start_service("--redis", own_redis.address, *flags, by_http=True)
    authorities = str(authority.certificate.with_name("trusted.pem"))
    Path(authorities).write_bytes(authority.certificate.read_bytes())
    url = f"https://localhost:{service.http.rpartition(':')[2]}{GET}"

    def status(name: str | None, issuer: Authority = authority, **options: bool) -> int:
        """The HTTP status for who shows a certificate of this name; 0 where there is no connection."""
        context = ssl.create_default_context(cafile=authorities)
        if name is not None:
            shown = issuer.issue(name, **options)
            context.load_cert_chain(shown.certificate, shown.key)
        try:
            return httpx.post(url, json=ECHO, verify=context, trust_env=False).status_code
        except httpx.TransportError:
            return 0

    assert status("model-1") == 0
    authority.issue("server")
    assert status("model-1") == 200
    assert status("model-2") == 401
    assert status(None) == 0
    assert status("model-1", expired=True) == 0
    other = Authority(tmp_path_factory.mktemp("other"))
    assert status("model-1", other) == 0
    files.key.write_text("broken", encoding="utf-8")
    assert status("model-1") == 200
    assert f"certificates refused, the last ones stay: {files.key}: no key" in service.log
    authority.issue("server")
    authority.certificate.write_bytes(other.certificate.read_bytes() + authority.certificate.read_bytes())
    assert status("model-1", other) == 200
    authority.certificate.write_bytes(authority.certificate.read_bytes()[other.certificate.stat().st_size :])
    assert status("model-1", other) == 0
    assert status("model-1") == 200
    assert "Traceback" not in service.log


def test_many_at_once(own_redis: RedisServer, start_service: StartService) -> None:
    service = start_service("--redis", own_redis.address, by_http=True)
    for number in range(100):
        own_redis.write(f"echo:{number}", {"me": str(number)})

    async def ask() -> list[str]:
        async with httpx.AsyncClient(base_url=f"http://{service.http}", trust_env=False, timeout=DEADLINE_S) as client:
            asked = [{"entityName": f"echo:{number}", "featureNames": ["me"]} for number in range(100)]
            answers = await asyncio.gather(*(client.post(GET, json=each) for each in asked))
            return [answer.json()["values"][0] for answer in answers]

    assert asyncio.run(ask()) == [str(number) for number in range(100)]
