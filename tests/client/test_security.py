"""TLS and tokens, against a real service that asks for both."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from certificates import Authority
from featuremill_client import AccessDenied, Client, PermissionDenied, Tls, Unauthenticated, Unavailable
from serving_harness import free_port

TOKEN = "a-long-and-random-text"
IN_CLEAR = "would travel to features.internal:50051 in clear text"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    folder = tmp_path / "certificates"
    folder.mkdir()
    return Authority(folder)


@pytest.fixture
def secured(authority, shared_redis, start_service, tmp_path):
    """A service that asks every caller for a certificate and a token, and lets this one read airports' remarks."""
    issued = authority.issue("server")
    callers = tmp_path / "callers.toml"
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    callers.write_text(
        f'[callers.model]\ntoken_sha256 = ["{digest}"]\nentities = ["airport"]\nfeatures = ["remark"]\n',
        encoding="utf-8",
    )
    service = start_service(
        *("--redis", shared_redis.address, "--tls-certificate", str(issued.certificate), "--tls-key", str(issued.key)),
        *("--tls-client-ca", str(authority.certificate), "--callers", str(callers)),
    )
    return service.address.replace("127.0.0.1", "localhost")


@pytest.fixture
def tls(authority) -> Tls:
    own = authority.issue("caller")
    return Tls(authority.certificate, own.certificate, str(own.key))


def test_a_token_as_text_from_a_file_and_from_a_function(connect, secured, tls, tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    for token in (TOKEN, file, lambda: TOKEN):
        found = connect(secured, tls=tls, token=token).get("airport:TLS", ["remark"])
        assert found.missing == ("remark",)


def test_a_token_that_changes_is_read_anew(connect, secured, tls, tmp_path):
    file = tmp_path / "token"
    file.write_text("an old one", encoding="utf-8")
    client = connect(secured, tls=tls, token=file)
    with pytest.raises(Unauthenticated):
        client.get("airport:TLS", ["remark"])
    file.write_text(TOKEN, encoding="utf-8")
    assert client.get("airport:TLS", ["remark"]).missing == ("remark",)


def test_without_a_token(connect, secured, tls):
    with pytest.raises(Unauthenticated) as failed:
        connect(secured, tls=tls).get("airport:TLS", ["remark"])
    assert isinstance(failed.value, AccessDenied)


def test_what_the_caller_may_not_read(connect, secured, tls):
    client = connect(secured, tls=tls, token=TOKEN)
    for ask in (client.get, lambda entity, names: client.frame([entity], names)):
        with pytest.raises(PermissionDenied):
            ask("airport:TLS", ["departures_1h"])
        with pytest.raises(PermissionDenied):
            ask("sample:one", ["remark"])


def test_a_certificate_of_nobody(connect, secured):
    with pytest.raises(Unavailable):
        connect(secured, tls=True, token=TOKEN, timeout=5.0).get("airport:TLS", ["remark"])


def test_no_certificate_of_its_own(connect, secured, authority):
    with pytest.raises(Unavailable):
        connect(secured, tls=Tls(authority.certificate), token=TOKEN, timeout=5.0).get("airport:TLS", ["remark"])


def test_files_that_are_not_there(connect, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no-such\.pem"):
        connect("localhost:1", tls=Tls(tmp_path / "no-such.pem")).get("airport:TLS", ["remark"])


def test_half_a_certificate():
    with pytest.raises(ValueError, match="go together"):
        Tls(certificate="me.pem")


@pytest.mark.parametrize("settings", [{}, {"tls": False}])
def test_a_token_does_not_travel_in_clear_text(connect, settings):
    with pytest.raises(ValueError, match=IN_CLEAR):
        connect("features.internal:50051", token=TOKEN, **settings)


@pytest.mark.parametrize(
    "target", ["127.0.0.1:1", "localhost:1", "[::1]:1", "unix:/run/features.sock", "dns:///127.0.0.2:1"]
)
def test_a_token_stays_on_the_machine(target):
    Client(target, token=TOKEN).close()


@pytest.mark.parametrize("target", ["127.0.0.1.example:1", "0.0.0.0:1", "10.0.0.1:1", "dns:///features.internal:1"])
def test_a_token_leaves_the_machine(target):
    with pytest.raises(ValueError, match="in clear text"):
        Client(target, token=TOKEN)
    Client(target, token=TOKEN, token_in_clear_text=True).close()
    Client(target, token=TOKEN, tls=True).close()


def test_a_token_is_not_shown(connect):
    client = connect(f"127.0.0.1:{free_port()}", token=TOKEN, retries=1)
    with pytest.raises(Unavailable) as failed:
        client.get("airport:TLS", ["remark"])
    assert TOKEN not in repr(failed.value) + repr(vars(getattr(client, "_client", client)))
