"""TLS, who may call, and what they may read."""

import base64
import datetime
import json
from collections.abc import Callable
from pathlib import Path

import grpc
import jwt
import pytest
from access_flags import REGISTRY, tls_flags, token_line, write_callers
from certificates import Authority, Issued
from cryptography.hazmat.primitives.asymmetric import rsa
from featuremill_serving.v1 import serving_pb2 as wire
from grpc_health.v1 import health_pb2, health_pb2_grpc
from serving_harness import RedisServer, Service, StartService, refusal, wait_until

OK = (grpc.StatusCode.OK, "")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    folder = tmp_path / "certificates"
    folder.mkdir()
    return Authority(folder)


def secure(service: Service, authority: Authority, own: Issued | None = None) -> Service:
    """Has the service's client speak TLS, on a connection that is new."""
    credentials = grpc.ssl_channel_credentials(
        authority.certificate.read_bytes(),
        None if own is None else own.key.read_bytes(),
        None if own is None else own.certificate.read_bytes(),
    )
    options = [("grpc.use_local_subchannel_pool", 1)]
    service.connect(grpc.secure_channel(service.address.replace("127.0.0.1", "localhost"), credentials, options))
    return service


def call(
    service: Service, token: str | None = None, entity: str = "airport:A", name: str = "remark"
) -> grpc.StatusCode:
    """The code of a GetFeatures."""
    metadata = [] if token is None else [("authorization", f"Bearer {token}")]
    request = wire.GetFeaturesRequest(entity_name=entity, feature_names=[name])
    return refusal(lambda: service.stub.GetFeatures(request, timeout=5, metadata=metadata))[0]


def test_tls(shared_redis: RedisServer, start_service: StartService, authority: Authority) -> None:
    service = start_service("--redis", shared_redis.address, *tls_flags(authority.issue("server")))
    assert call(service) == grpc.StatusCode.UNAVAILABLE
    assert call(secure(service, authority)) == grpc.StatusCode.OK


def test_certificates_are_read_anew(
    shared_redis: RedisServer, start_service: StartService, authority: Authority
) -> None:
    files = authority.issue("server", expired=True)
    service = start_service("--redis", shared_redis.address, *tls_flags(files))
    assert call(secure(service, authority)) == grpc.StatusCode.UNAVAILABLE
    authority.issue("server")
    assert call(secure(service, authority)) == grpc.StatusCode.OK
    files.key.write_text("broken", encoding="utf-8")
    assert call(secure(service, authority)) == grpc.StatusCode.OK
    assert f"certificates refused, the last ones stay: {files.key}: no key" in service.log


def test_a_caller_is_known_by_a_certificate(
    shared_redis: RedisServer, start_service: StartService, authority: Authority, tmp_path: Path
) -> None:
    flags = [*tls_flags(authority.issue("server")), "--tls-client-ca", str(authority.certificate)]
    flags += write_callers(tmp_path / "callers.toml", model='certificate = "model-1"')
    service = start_service("--redis", shared_redis.address, *flags)
    stranger = Authority(tmp_path).issue("model-1")
    assert call(secure(service, authority)) == grpc.StatusCode.UNAVAILABLE
    assert call(secure(service, authority, stranger)) == grpc.StatusCode.UNAVAILABLE
    assert call(secure(service, authority, authority.issue("model-1", expired=True))) == grpc.StatusCode.UNAVAILABLE
    assert call(secure(service, authority, authority.issue("model-2"))) == grpc.StatusCode.UNAUTHENTICATED
    assert call(secure(service, authority, authority.issue("model-1"))) == grpc.StatusCode.OK


def test_tokens_and_rules(shared_redis: RedisServer, start_service: StartService, tmp_path: Path) -> None:
    callers = tmp_path / "callers.toml"
    flags = write_callers(
        callers,
        everything=token_line("secret-number-1"),
        some=f'{token_line("secret-number-2")}\nentities = ["airport"]\nfeatures = ["*_1h", "temperature"]',
        nothing=f"{token_line('secret-number-3')}\nentities = []",
    )
    service = start_service("--redis", shared_redis.address, *REGISTRY, *flags)
    denied, unknown = grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED
    assert [call(service, token) for token in (None, "", "secret-number-4", "secret-number-1")] == [
        unknown,
        unknown,
        unknown,
        grpc.StatusCode.OK,
    ]
    assert call(service, "secret-number-2", name="departures_1h") == grpc.StatusCode.OK
    assert call(service, "secret-number-2", name="remark") == denied
    assert call(service, "secret-number-2", entity="user_item:1:2", name="clicks_1d") == denied
    assert call(service, "secret-number-3") == denied
    some = [("authorization", "Bearer secret-number-2")]
    batch = wire.BatchGetFeaturesRequest(entity_names=["airport:A"], feature_names=["remark"])
    assert refusal(lambda: service.stub.BatchGetFeatures(batch, timeout=5, metadata=some)) == (
        denied,
        "the caller 'some' may not read the feature 'remark'",
    )
    batch = wire.BatchGetFeaturesRequest(entity_names=["airport:A"], feature_set="delay_model_v3")
    assert refusal(lambda: service.stub.BatchGetFeatures(batch, timeout=5, metadata=some)) == OK
    listed = service.stub.ListFeatures(wire.ListFeaturesRequest(), timeout=5, metadata=some)
    assert {feature.entity for feature in listed.features} == {"airport"}
    clicks = wire.GetFeatureSetRequest(feature_set="clicks")
    assert refusal(lambda: service.stub.GetFeatureSet(clicks, timeout=5, metadata=some)) == (
        denied,
        "the caller 'some' may not read the entity 'user_item'",
    )
    # whoever only asks whether it lives needs no token
    health_pb2_grpc.HealthStub(service.channel).Check(health_pb2.HealthCheckRequest(), timeout=5)

    write_callers(callers, everything=token_line("secret-number-5"))
    wait_until(lambda: call(service, "secret-number-1") == unknown, "the old token is no longer good")
    assert call(service, "secret-number-5") == grpc.StatusCode.OK
    callers.write_text("[callers", encoding="utf-8")
    wait_until(lambda: "callers refused, the last ones stay" in service.log, "the broken file is refused")
    assert call(service, "secret-number-5") == grpc.StatusCode.OK
    assert "secret-number" not in service.log


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def sign(key: rsa.RSAPrivateKey) -> Callable[..., str]:
    """Makes tokens; good ones for ten minutes unless told otherwise."""

    def sign(*, minutes: float = 10, algorithm: str = "RS256", kid: str = "k1", **claims: object) -> str:
        expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes)
        document = {"sub": "eta@models", "iss": "us", "aud": "features", "exp": expires} | claims
        return jwt.encode(
            {name: value for name, value in document.items() if value is not None},
            key if algorithm == "RS256" else "a secret that is long enough for it",
            algorithm=algorithm,
            headers={"kid": kid},
        )

    return sign


def test_json_web_tokens(
    shared_redis: RedisServer,
    start_service: StartService,
    tmp_path: Path,
    key: rsa.RSAPrivateKey,
    sign: Callable[..., str],
) -> None:
    jwks = tmp_path / "jwks.json"
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": "k1", "use": "sig"}
    jwks.write_text(json.dumps({"keys": [public]}), encoding="utf-8")
    flags = write_callers(tmp_path / "callers.toml", eta='subject = "eta@models"\nentities = ["airport"]')
    flags += ["--jwks", str(jwks), "--jwt-issuer", "us", "--jwt-audience", "features"]
    service = start_service("--redis", shared_redis.address, *REGISTRY, *flags)
    assert call(service, sign()) == grpc.StatusCode.OK
    assert call(service, sign(), entity="user_item:1:2") == grpc.StatusCode.PERMISSION_DENIED
    good = sign()
    head, claims, signature = good.split(".")
    forged = base64.urlsafe_b64encode(b'{"sub":"eta@models","iss":"us","aud":"features","exp":9999999999}')
    bad = [
        sign(minutes=-1),
        sign(exp=None),
        sign(sub=None),
        sign(sub="somebody"),
        sign(iss="others"),
        sign(aud="other"),
        sign(kid="k2"),
        sign(algorithm="HS256"),
        f"{head}.{forged.decode().rstrip('=')}.{signature}",
        f"{head}.{claims}.",
        "a.b.c",
    ]
    assert [call(service, token) for token in bad] == [grpc.StatusCode.UNAUTHENTICATED] * len(bad)
    assert "Traceback" not in service.log


def test_a_token_that_was_good_expires(
    shared_redis: RedisServer,
    start_service: StartService,
    tmp_path: Path,
    key: rsa.RSAPrivateKey,
    sign: Callable[..., str],
) -> None:
    jwks = tmp_path / "jwks.json"
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": "k1"}
    jwks.write_text(json.dumps({"keys": [public]}), encoding="utf-8")
    flags = write_callers(tmp_path / "callers.toml", eta='subject = "eta@models"')
    service = start_service("--redis", shared_redis.address, *flags, "--jwks", str(jwks))
    token = sign(minutes=0.06, iss=None, aud=None)
    assert call(service, token) == grpc.StatusCode.OK
    wait_until(lambda: call(service, token) == grpc.StatusCode.UNAUTHENTICATED, "it is no longer good")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("x", "callers.toml: "),
        ("[callers.a]\ntoken_sha256 = ['abc']", "callers.a.token_sha256.0: String should match pattern"),
        ("[callers.a]\nentity = ['x']", "callers.a.entity: Extra inputs are not permitted"),
        ("[callers.a]\nsubject = 's'\n[callers.b]\nsubject = 's'", "two callers show the same"),
    ],
)
def test_a_broken_file_of_callers(start_service: StartService, tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "callers.toml"
    path.write_text(content, encoding="utf-8")
    service = start_service("--callers", str(path), ready=False)
    assert service.wait_exit() == 2
    assert says in service.log
    assert "Traceback" not in service.log
