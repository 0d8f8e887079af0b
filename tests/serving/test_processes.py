"""Several processes behind one port."""

import json
import os
import signal
from pathlib import Path

import grpc
import psutil
import pytest
from certificates import Authority, Issued
from serving_harness import RedisServer, Service, StartService, free_port, http_get, metric, refusal, wait_until


@pytest.fixture
def metrics_address() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.fixture
def two(own_redis: RedisServer, start_service: StartService, metrics_address: str) -> Service:
    arguments = ["--redis", own_redis.address, "--processes", "2", "--metrics", metrics_address]
    return start_service(*arguments, "--log-requests", "--log-format", "json")


def workers(service: Service) -> list[psutil.Process]:
    return psutil.Process(service.process.pid).children()


def call_each(service: Service) -> None:
    """Calls over connections of their own, until every process has been reached: the kernel deals them out."""
    for _ in range(30):
        with grpc.insecure_channel(service.address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            call = channel.unary_unary("/featuremill.serving.v1.FeatureService/GetFeatures")
            call(b"\x0a\x06echo:1\x12\x02me", timeout=5)


def test_they_share_the_port_and_their_counts_are_added(
    two: Service, own_redis: RedisServer, metrics_address: str
) -> None:
    own_redis.write("echo:1", {"me": "here"})
    assert len(workers(two)) == 2
    clients = {client["addr"] for client in own_redis.client.client_list()}
    assert len(clients) == 2 + 1
    call_each(two)
    lines = [json.loads(line) for line in two.log.splitlines()]
    assert len({line["process"] for line in lines if line["message"].startswith("GetFeatures")}) == 2
    _, text = http_get(metrics_address, "/metrics")
    assert metric(text, "featuremill_requests_total", method="GetFeatures", code="OK") == 30
    assert metric(text, "featuremill_values_total", feature_set="-", status="PRESENT") == 30
    assert metric(text, "featuremill_redis_up") == 1


def test_one_that_dies_is_replaced_and_its_counts_stay(two: Service, metrics_address: str) -> None:
    call_each(two)
    victim = workers(two)[0]
    folder = Path(victim.environ()["PROMETHEUS_MULTIPROC_DIR"])
    files = set(folder.iterdir())
    assert len(files) == 2 * 3
    victim.kill()
    wait_until(lambda: len({each.pid for each in workers(two)} - {victim.pid}) == 2, "another one is there")
    wait_until(lambda: "a worker ended with exit code -9" in two.log, "it is logged")
    call_each(two)
    wait_until(lambda: len(set(folder.iterdir())) == len(files), "the other one counts, too")
    _, text = http_get(metrics_address, "/metrics")
    assert metric(text, "featuremill_requests_total", method="GetFeatures", code="OK") == 60
    assert metric(text, "featuremill_request_seconds_count", method="GetFeatures") == 60
    assert set(folder.iterdir()) == files


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_they_end_with_their_parent(two: Service, number: signal.Signals) -> None:
    running = workers(two)
    assert len(running) == 2
    os.kill(two.process.pid, number)
    assert two.wait_exit() == (0 if number == signal.SIGTERM else -9)
    _, alive = psutil.wait_procs(running, timeout=15)
    assert alive == []
    assert "Traceback" not in two.log


def test_readiness_is_theirs(two: Service, own_redis: RedisServer, metrics_address: str) -> None:
    assert http_get(metrics_address, "/readyz") == (200, "ready\n")
    own_redis.kill()
    wait_until(lambda: http_get(metrics_address, "/readyz")[0] == 503, "no worker is ready")
    assert http_get(metrics_address, "/livez") == (200, "alive\n")
    own_redis.start()
    wait_until(lambda: http_get(metrics_address, "/readyz")[0] == 200, "they are again")


@pytest.mark.slow
def test_certificates_and_callers_are_read_anew_by_each(
    own_redis: RedisServer, start_service: StartService, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    ours, theirs = authority.issue("server", expired=True), authority.issue("model")
    callers = tmp_path / "callers.toml"
    callers.write_text('[callers.model]\ncertificate = "model"\n', encoding="utf-8")
    flags = ["--tls-certificate", str(ours.certificate), "--tls-key", str(ours.key)]
    flags += ["--tls-client-ca", str(authority.certificate), "--callers", str(callers)]
    service = start_service("--redis", own_redis.address, "--processes", "2", *flags)

    def codes(shown: Issued | None) -> set[grpc.StatusCode]:
        """What calls over ten connections end with: the kernel deals them out to the processes."""
        pair = (None, None) if shown is None else (shown.key.read_bytes(), shown.certificate.read_bytes())
        credentials = grpc.ssl_channel_credentials(authority.certificate.read_bytes(), *pair)
        address = service.address.replace("127.0.0.1", "localhost")
        found = set()
        for _ in range(10):
            with grpc.secure_channel(address, credentials, [("grpc.use_local_subchannel_pool", 1)]) as channel:
                call = channel.unary_unary("/featuremill.serving.v1.FeatureService/GetFeatures")
                found.add(refusal(lambda call=call: call(b"\x0a\x06echo:1\x12\x02me", timeout=5))[0])
        return found

    assert codes(theirs) == {grpc.StatusCode.UNAVAILABLE}
    authority.issue("server")
    assert codes(theirs) == {grpc.StatusCode.OK}
    assert codes(None) == {grpc.StatusCode.UNAVAILABLE}
    callers.write_text('[callers.model]\ncertificate = "another"\n', encoding="utf-8")
    wait_until(lambda: service.log.count("new callers from") == 2, "both have read it")
    assert codes(theirs) == {grpc.StatusCode.UNAUTHENTICATED}


def test_what_is_wrong_is_said_once(start_service: StartService) -> None:
    address = f"127.0.0.1:{free_port()}"
    service = start_service("--redis", address, "--processes", "3", ready=False)
    assert service.wait_exit() == 4
    assert service.log.count(f"error: Redis at {address} can't be read") == 1
    assert "Traceback" not in service.log


def test_a_port_of_others_is_not_shared(
    unregistered: Service, shared_redis: RedisServer, start_service: StartService
) -> None:
    arguments = ("--redis", shared_redis.address, "--listen", unregistered.address, "--processes", "2")
    assert start_service(*arguments, ready=False).wait_exit() == 3
