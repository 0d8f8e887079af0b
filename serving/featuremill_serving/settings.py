"""The one configuration: flags before environment variables before a file, all with the same names.

The field `redis_timeout` is the flag `--redis-timeout`, the environment variable `FEATUREMILL_REDIS_TIMEOUT`, and the
key `redis_timeout` of the file.
"""

import math
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from featuremill_serving.addresses import HostPort, UnixSocket, is_loopback, parse_host_port, parse_redis
from featuremill_serving.clock import Clock, machine_clock, parse_clock
from featuremill_serving.engine import EngineName
from featuremill_serving.errors import UsageError
from featuremill_serving.guard import Guard
from featuremill_serving.logs import LogFormat, LogLevel
from featuremill_serving.requests import Limits
from featuremill_serving.store import Credentials, Mode, ReadFrom, StoreOptions, TlsOptions
from featuremill_serving.tls import TlsFiles

PREFIX = "FEATUREMILL_"
Secret = SecretStr | None


def _host_port(value: Any) -> Any:
    return parse_host_port(value) if isinstance(value, str) else value


def _redis(value: Any) -> Any:
    return tuple(parse_redis(each.strip()) for each in value.split(",")) if isinstance(value, str) else value


def _seconds(value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise ValueError(f"'{value}' is not a number of seconds")
    return seconds


Address = Annotated[HostPort, BeforeValidator(_host_port)]
Seconds = Annotated[float, BeforeValidator(_seconds)]
Count = Annotated[int, Field(ge=1)]


class Settings(BaseSettings):
    """All that a process is told at its start. A field's description is its help; `<X>` in it is what it takes."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, enable_decoding=False, extra="forbid", frozen=True
    )

    listen: Address = Field(
        HostPort("127.0.0.1", 0), description="<HOST:PORT> where to answer; port 0 takes any free one"
    )
    http: Address | None = Field(
        None, description="<HOST:PORT> the same calls as JSON over HTTP; its /docs tells how they are called"
    )
    engine: EngineName = Field(EngineName.AIO, description="<NAME> what answers: aio")
    processes: Count = Field(1, description="<N> how many processes answer on the same port; about one for each core")
    grace: Seconds = Field(
        5.0,
        description="<SECONDS> how long calls under way may take after SIGTERM, and on a connection that is too old",
    )
    drain: Seconds = Field(
        0.0, description="<SECONDS> how long new calls are still taken after SIGTERM, while health says NOT_SERVING"
    )
    max_connection_age: Annotated[Seconds, Field(gt=0)] | None = Field(
        None,
        description="<SECONDS> after about which a connection is closed once its calls are answered, so that callers "
        "come to new processes, too; without it never",
    )
    metrics: Address | None = Field(None, description="<HOST:PORT> HTTP: /metrics for Prometheus, /livez and /readyz")
    trace_endpoint: str | None = Field(
        None,
        description="<URL> an OpenTelemetry collector that gets traces by OTLP/gRPC, like http://127.0.0.1:4317; "
        "OpenTelemetry's own variables (OTEL_*) are known, too",
    )
    trace_entity_names: bool = Field(False, description="have the names of entities in traces, too")
    log_format: LogFormat = Field(LogFormat.TEXT, description="<FORMAT> text or json")
    log_level: LogLevel = Field(LogLevel.INFO, description="<LEVEL> debug, info, warning or error")
    log_requests: bool = Field(False, description="log every call, not only those that failed for a reason of ours")

    tls_certificate: Path | None = Field(None, description="<FILE> our certificate (PEM); read anew when it changes")
    tls_key: Path | None = Field(None, description="<FILE> its key (PEM)")
    tls_client_ca: Path | None = Field(
        None, description="<FILE> authorities of callers' certificates (PEM); with it every caller needs one"
    )
    callers: Path | None = Field(
        None, description="<FILE> who may call and read what (TOML, see README.md); read anew when it changes"
    )
    jwks: str | None = Field(None, description="<PLACE> keys of the callers' JSON Web Tokens: a file, or an https URL")
    jwt_issuer: str | None = Field(None, description="<ISSUER> that the tokens have to come from")
    jwt_audience: str | None = Field(None, description="<AUDIENCE> that the tokens have to be for")
    insecure_public: bool = Field(
        False, description="answer other machines without TLS or without knowing who calls; else that is refused"
    )

    redis: Annotated[tuple[HostPort | UnixSocket, ...], BeforeValidator(_redis)] = Field(
        (HostPort("127.0.0.1", 6379),),
        description="<ADDRESSES> HOST:PORT, or a Unix socket as unix:/PATH; with commas between them a master and its "
        "replicas, the sentinels, or some nodes of a cluster",
    )
    redis_mode: Mode = Field(Mode.STANDALONE, description="<MODE> standalone, sentinel or cluster")
    redis_sentinel_master: str = Field("", description="<NAME> what the sentinels call the master")
    redis_read_from: ReadFrom = Field(
        ReadFrom.MASTER, description="<WHICH> master, or replicas (the master without any)"
    )
    redis_username: str | None = Field(None, description="<NAME> an ACL user; without it the default one")
    redis_password: Secret = Field(None, description="secret")
    redis_password_file: Path | None = Field(None, description="<FILE> holds the password")
    redis_sentinel_username: str | None = Field(None, description="<NAME> the sentinels' own user")
    redis_sentinel_password: Secret = Field(None, description="secret")
    redis_database: int = Field(0, ge=0, description="<NUMBER> which database is selected")
    redis_tls: bool = Field(False, description="speak TLS to Redis")
    redis_ca: Path | None = Field(None, description="<FILE> authorities that Redis' certificate may come from (PEM)")
    redis_certificate: Path | None = Field(None, description="<FILE> our certificate, where Redis wants one (PEM)")
    redis_key: Path | None = Field(None, description="<FILE> its key (PEM)")
    redis_connections: Count = Field(1, description="<N> to each server from each process")
    redis_timeout: Annotated[Seconds, Field(gt=0)] = Field(
        1.0, description="<SECONDS> how long a connection or an answer is waited for"
    )
    redis_attempts: Count = Field(3, description="<N> how often a read is tried at most, while its caller waits")
    wait_for_redis: Seconds = Field(
        0.0, description="<SECONDS> how long a Redis that isn't there is waited for at the start"
    )

    registry: Path | None = Field(
        None,
        description="<FILE> registry.json; without it the Redis key @registry. Either is looked at again every second",
    )
    now: str | None = Field(
        None,
        description="<TIME> for samples of another time, on loopback only: a clock that stands at an instant "
        "(2013-01-03T12:00:00Z), or runs at an offset from the machine's (--now=-4700d; ms, s, m, h, d)",
    )

    max_feature_names: Count = Field(1000, description="<N> features of one request")
    max_entity_names: Count = Field(5000, description="<N> entities of one batch")
    max_values: Count = Field(250_000, description="<N> entities times features of one batch")
    max_request_bytes: Annotated[Count, Field(le=2**31 - 1)] = Field(4 * 1024 * 1024, description="<N> of one request")
    max_reads: Count = Field(
        20_000, description="<N> entities that calls under way read in one process; then overloaded"
    )

    @model_validator(mode="after")
    def _agree(self) -> "Settings":
        if self.now is not None:
            parse_clock(self.now)
            for flag, address in self.listened.items():
                if not is_loopback(address):
                    raise UsageError(
                        f"--now gives the service a clock of its own, which {address} would show to other machines",
                        f"leave --now out, or listen on loopback: {flag} 127.0.0.1:0",
                    )
        _agree_on_security(self)
        _agree_on_redis(self)
        return self

    @property
    def listened(self) -> dict[str, HostPort]:
        """Where callers are answered, by the flag that says so."""
        return {"--listen": self.listen} | ({} if self.http is None else {"--http": self.http})

    def http_url(self, address: HostPort) -> str:
        """How a caller writes the address of --http."""
        return f"{'http' if self.tls is None else 'https'}://{address}"

    @property
    def clock(self) -> Clock:
        return machine_clock if self.now is None else parse_clock(self.now)

    @property
    def tls(self) -> TlsFiles | None:
        if self.tls_certificate is None or self.tls_key is None:
            return None
        return TlsFiles(self.tls_certificate, self.tls_key, self.tls_client_ca)

    def guard(self, refused: Callable[[], None] = lambda: None) -> Guard | None:
        """Who may call; None: anybody, or anybody whose certificate is good. `refused` is told what is broken later.

        Raises:
            UsageError: a file can't be read.
        """
        if self.callers is None:
            return None
        verifier = None
        if self.jwks is not None:
            from featuremill_serving.jwt_verifier import JwtVerifier  # brings PyJWT and cryptography, which few need

            verifier = JwtVerifier(self.jwks, self.jwt_issuer, self.jwt_audience)
        return Guard(self.callers, verifier, refused)

    @property
    def limits(self) -> Limits:
        return Limits(
            feature_names=self.max_feature_names,
            entity_names=self.max_entity_names,
            cells=self.max_values,
            reads_under_way=self.max_reads,
            request_bytes=self.max_request_bytes,
        )

    def store_options(self) -> StoreOptions:
        """How Redis is reached.

        Raises:
            UsageError: the file of its password can't be read.
        """
        password = self.redis_password.get_secret_value() if self.redis_password else None
        if self.redis_password_file is not None:
            try:
                password = self.redis_password_file.read_text(encoding="utf-8").rstrip("\r\n")
            except (OSError, UnicodeError) as error:
                raise UsageError(
                    f"{self.redis_password_file}: {error}", "give --redis-password-file a file with the password"
                ) from None
        sentinel = self.redis_sentinel_password
        return StoreOptions(
            addresses=self.redis,
            mode=self.redis_mode,
            credentials=Credentials(self.redis_username, password),
            tls=TlsOptions(self.redis_ca, self.redis_certificate, self.redis_key) if self.redis_tls else None,
            sentinel_master=self.redis_sentinel_master,
            sentinel_credentials=Credentials(
                self.redis_sentinel_username, sentinel.get_secret_value() if sentinel else None
            ),
            read_from=self.redis_read_from,
            database=self.redis_database,
            connections=self.redis_connections,
            timeout_s=self.redis_timeout,
            attempts=self.redis_attempts,
            max_waiting=self.max_reads,
        )


def load_settings(flags: Mapping[str, Any], file: Path | None) -> Settings:
    """The settings from flags, the environment and, if one is given, a TOML file.

    Raises:
        UsageError: a value can't be read, or two of them contradict each other.
    """
    told = {} if file is None else _read_toml(file)

    class Sourced(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=told)

    try:
        return Sourced(**flags)
    except ValidationError as error:
        raise _as_usage_error(error, file) from None


def flag_of(field: str) -> str:
    """The flag of a field, `--redis-timeout` of `redis_timeout`."""
    return "--" + field.replace("_", "-")


def _read_toml(file: Path) -> dict[str, Any]:
    mend = "give --config a TOML file with lines like: listen = '127.0.0.1:50051'"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}", mend) from None
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise UsageError(f"{file}: {error}", mend) from None


def _as_usage_error(error: ValidationError, file: Path | None) -> UsageError:
    """The first mistake. A value is repeated only by our own messages: it may be a secret."""
    first = error.errors(include_input=False, include_url=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        return UsageError(f"{file}: there is no setting {field!r}", "--help lists them: a flag's name with _ for -")
    message = first["msg"].removeprefix("Value error, ")
    return UsageError(
        f"{flag_of(field)}: {message}",
        f"mend the flag, the environment variable {PREFIX}{field.upper()} or the key {field} of the file",
    )


def _agree_on_security(settings: Settings) -> None:
    """Raises UsageError where what is said of TLS and callers doesn't go together, or is too little."""
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise UsageError("a certificate and its key go together", "give --tls-certificate and --tls-key")
    if settings.tls_client_ca is not None and settings.tls_certificate is None:
        raise UsageError("callers' certificates need TLS", "give --tls-certificate and --tls-key")
    if settings.jwks is not None and settings.callers is None:
        raise UsageError("tokens are verified, but no callers are known", "give --callers, which names their subjects")
    if settings.jwks is None and (settings.jwt_issuer or settings.jwt_audience):
        raise UsageError("--jwt-issuer and --jwt-audience are for JSON Web Tokens", "give --jwks")
    if settings.jwks is not None and settings.jwks.startswith("http://"):
        raise UsageError("the keys of tokens would come over the network unprotected", "give --jwks an https URL")
    if settings.insecure_public:
        return
    for address in settings.listened.values():
        if is_loopback(address):
            continue
        if settings.tls_certificate is None:
            raise UsageError(
                f"{address} is open to other machines, and there is no TLS",
                "give --tls-certificate and --tls-key, listen on loopback, or say --insecure-public",
            )
        if settings.callers is None and settings.tls_client_ca is None:
            raise UsageError(
                f"{address} is open to other machines, and anybody may call",
                "give --callers or --tls-client-ca, listen on loopback, or say --insecure-public",
            )


def _agree_on_redis(settings: Settings) -> None:
    """Raises UsageError where what is said of Redis doesn't go together."""
    mode, addresses = settings.redis_mode, settings.redis
    if mode is Mode.SENTINEL and not settings.redis_sentinel_master:
        raise UsageError("--redis-mode sentinel needs the master's name", "give --redis-sentinel-master NAME")
    if mode is not Mode.SENTINEL and settings.redis_sentinel_master:
        raise UsageError("--redis-sentinel-master is for sentinels only", "add --redis-mode sentinel")
    if mode is Mode.CLUSTER and settings.redis_database:
        raise UsageError("a cluster has the database 0 alone", "leave --redis-database out")
    if settings.redis_tls and any(isinstance(address, UnixSocket) for address in addresses):
        raise UsageError("a Unix socket speaks no TLS", "leave --redis-tls out, or give HOST:PORT")
    if not settings.redis_tls and (settings.redis_ca or settings.redis_certificate or settings.redis_key):
        raise UsageError("certificates for Redis are given, but no TLS", "add --redis-tls")
    if (settings.redis_certificate is None) != (settings.redis_key is None):
        raise UsageError("a certificate and its key go together", "give --redis-certificate and --redis-key")
    if settings.redis_password is not None and settings.redis_password_file is not None:
        raise UsageError("the password of Redis is given twice", "leave one of them out")
    if settings.redis_username is not None and not (settings.redis_password or settings.redis_password_file):
        raise UsageError(
            "--redis-username needs a password",
            f"put it into the environment variable {PREFIX}REDIS_PASSWORD, or give --redis-password-file",
        )
    if mode is Mode.STANDALONE and len(addresses) > 1 and settings.redis_read_from is ReadFrom.MASTER:
        raise UsageError(
            "several addresses are given, but only the first, the master, would be read",
            "give one address, or --redis-read-from replicas, or --redis-mode",
        )
