"""The keys of JSON Web Tokens: from a file or by https, replaced, gone, broken."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import jwt
import pytest
from certificates import Authority
from cryptography.hazmat.primitives.asymmetric import ec
from featuremill_serving.errors import UsageError
from featuremill_serving.jwt_verifier import JwtVerifier
from serving_harness import RedisServer, Service, StartService, free_port, http_get, metric, wait_until


class Issuer:
    """Signs tokens with a key that it can replace."""

    def __init__(self) -> None:
        self.replace("k1")

    def replace(self, kid: str) -> None:
        self._kid, self._key = kid, ec.generate_private_key(ec.SECP256R1())

    def token(self) -> str:
        claims = {"sub": "model", "exp": int(time.time()) + 600}
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self._kid})

    @property
    def jwks(self) -> bytes:
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key())) | {"kid": self._kid}
        return json.dumps({"keys": [public]}).encode()


class KeyServer:
    """An https server on a free port, with a certificate of an authority of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.authority = Authority(folder)
        own = self.authority.issue("localhost")
        self.body = b""
        self.redirect = ""
        self.asked = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                self.send_response(302 if outer.redirect else 200)
                if outer.redirect:
                    self.send_header("Location", outer.redirect)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(own.certificate, own.key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://localhost:{self._server.server_port}/jwks"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def server(tmp_path: Path, issuer: Issuer) -> Iterator[KeyServer]:
    server = KeyServer(tmp_path / "issuer")
    server.body = issuer.jwks
    yield server
    server.stop()


@pytest.fixture
def trusted(server: KeyServer, monkeypatch: pytest.MonkeyPatch) -> KeyServer:
    """Whose authority this process trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority.certificate))
    return server


def test_who_serves_them_has_to_be_trusted(server: KeyServer) -> None:
    with pytest.raises(UsageError, match="certificate verify failed"):
        JwtVerifier(server.url, None, None).load()


def test_replaced_keys_end_what_the_old_ones_have_signed(trusted: KeyServer, issuer: Issuer) -> None:
    verifier = JwtVerifier(trusted.url, None, None)
    assert verifier.load() == 1
    old = issuer.token()
    assert verifier.subject(old) == "model"
    assert verifier.load() is None
    issuer.replace("k2")
    trusted.body = issuer.jwks
    assert verifier.load() == 1
    assert verifier.subject(old) is None
    assert verifier.subject(issuer.token()) == "model"


def test_keys_that_are_gone_or_broken_leave_the_last_ones(trusted: KeyServer, issuer: Issuer) -> None:
    verifier = JwtVerifier(trusted.url, None, None)
    verifier.load()
    for body in (b"", b"[]", b"<html>", b'{"keys": []}', b"[" * 100_000, b" " * 2_000_000):
        trusted.body = body
        with pytest.raises(UsageError):
            verifier.load()
    trusted.stop()
    with pytest.raises(UsageError):
        verifier.load()
    assert verifier.subject(issuer.token()) == "model"


def test_they_dont_come_unprotected(trusted: KeyServer) -> None:
    trusted.redirect = "http://127.0.0.1:1/jwks"
    with pytest.raises(UsageError, match="not https"):
        JwtVerifier(trusted.url, None, None).load()


def test_a_key_that_isnt_known_has_them_read_before_their_time(
    tmp_path: Path, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    path = tmp_path / "jwks.json"
    path.write_bytes(issuer.jwks)
    verifier = JwtVerifier(str(path), None, None)
    verifier.load()
    assert not verifier.due()
    now_s += 299
    assert not verifier.due()
    now_s += 2
    assert verifier.due()
    verifier.load()
    issuer.replace("k2")
    assert verifier.subject(issuer.token()) is None
    assert not verifier.due()
    now_s += 6
    assert verifier.due()
    verifier.load()
    # still not known: not more often than that
    assert verifier.subject(issuer.token()) is None
    assert not verifier.due()
    # what fails is tried again before five minutes are over
    path.unlink()
    with pytest.raises(UsageError):
        verifier.load()
    assert verifier.subject("a.b.c") is None
    now_s += 31
    assert verifier.due()


@pytest.mark.slow
def test_a_service_follows_them(
    own_redis: RedisServer, start_service: StartService, server: KeyServer, issuer: Issuer, tmp_path: Path
) -> None:
    (tmp_path / "callers.toml").write_text('[callers.model]\nsubject = "model"\n', encoding="utf-8")
    metrics = f"127.0.0.1:{free_port()}"
    flags = ["--redis", own_redis.address, "--callers", str(tmp_path / "callers.toml"), "--metrics", metrics]
    flags += ["--jwks", server.url]
    service = start_service(*flags, SSL_CERT_FILE=str(server.authority.certificate))
    old = issuer.token()
    assert call(service, old) == grpc.StatusCode.OK
    issuer.replace("k2")
    server.body = issuer.jwks
    new = issuer.token()
    wait_until(lambda: call(service, new) == grpc.StatusCode.OK, "the new key is known")
    assert call(service, old) == grpc.StatusCode.UNAUTHENTICATED

    server.stop()
    issuer.replace("k3")
    unknown = issuer.token()
    wait_until(
        lambda: (
            call(service, unknown) == grpc.StatusCode.UNAUTHENTICATED and "the last keys of tokens stay" in service.log
        ),
        "it is told that there are no keys",
    )
    assert call(service, new) == grpc.StatusCode.OK
    assert metric(http_get(metrics, "/metrics")[1], "featuremill_callers_refused_total") >= 1
    assert "Traceback" not in service.log


def call(service: Service, token: str) -> grpc.StatusCode:
    """The code of a GetFeatures with that token."""
    call = service.channel.unary_unary("/featuremill.serving.v1.FeatureService/GetFeatures")
    try:
        call(b"\x0a\x06echo:1\x12\x02me", timeout=5, metadata=[("authorization", f"Bearer {token}")])
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        return code
    return grpc.StatusCode.OK
