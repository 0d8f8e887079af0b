"""How to reach the service: its address, TLS, who calls, and when a call is tried again."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

SERVICE = "featuremill.serving.v1.FeatureService"
# gRPC 1.85 forgets a call whose pause comes out below a millisecond, until its deadline is past
_SHORTEST_PAUSE_S = 0.01
Token = str | Path | Callable[[], str]


@dataclass(frozen=True)
class Tls:
    """Files of TLS, in PEM. They are read when the connection is opened.

    Attributes:
        ca: the authorities that the service's certificate may come from; absent: those that grpcio brings.
        certificate: the caller's own, where the service asks for one.
        key: its key.
    """

    ca: str | Path | None = None
    certificate: str | Path | None = None
    key: str | Path | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("a caller's certificate and its key go together: give both, or neither")

    def credentials(self) -> grpc.ChannelCredentials:
        """For a channel; raises OSError where a file can't be read."""
        return grpc.ssl_channel_credentials(*map(_content, (self.ca, self.key, self.certificate)))


@dataclass(frozen=True)
class Retries:
    """When a call is tried again: after UNAVAILABLE and RESOURCE_EXHAUSTED, while its deadline allows.

    gRPC itself does it. Where most calls of a client fail it stops trying again until some succeed, so that retries
    don't keep a service down that has too much to do.

    Attributes:
        attempts: how often a call is made at most, 1 to 5; 1: never again.
        first_pause_s: before the second attempt, more or less by chance, 0.01 at least; each pause is twice as long as
            the last one.
        longest_pause_s: beyond which pauses don't grow.
    """

    attempts: int = 4
    first_pause_s: float = 0.02
    longest_pause_s: float = 1.0

    def __post_init__(self) -> None:
        if not 1 <= self.attempts <= 5:
            raise ValueError(f"attempts is {self.attempts}, and must be 1 to 5")
        if not _SHORTEST_PAUSE_S <= self.first_pause_s <= self.longest_pause_s:
            raise ValueError(
                f"first_pause_s is {self.first_pause_s:g}, and must be {_SHORTEST_PAUSE_S:g} at least, "
                f"and no more than longest_pause_s, which is {self.longest_pause_s:g}"
            )

    def service_config(self) -> str:
        """As gRPC takes it."""
        if self.attempts == 1:
            return "{}"
        policy = {
            "maxAttempts": self.attempts,
            "initialBackoff": f"{self.first_pause_s:.3f}s",
            "maxBackoff": f"{self.longest_pause_s:.3f}s",
            "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"],
        }
        return json.dumps(
            {
                "methodConfig": [{"name": [{"service": SERVICE}], "retryPolicy": policy}],
                "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
            }
        )


@dataclass(frozen=True)
class Connection:
    """Where the service is and how it is called; checked when it is made.

    Raises:
        ValueError: a token would travel over a network in clear text.
    """

    target: str
    tls: bool | Tls = False
    token: Token | None = field(default=None, repr=False)
    token_in_clear_text: bool = False
    retries: Retries = Retries()

    def __post_init__(self) -> None:
        if self.token is not None and not (self.tls or self.token_in_clear_text or _is_local(self.target)):
            raise ValueError(
                f"the token would travel to {self.target} in clear text: give tls=True (or a Tls), or "
                "token_in_clear_text=True where the network itself encrypts"
            )

    @property
    def credentials(self) -> grpc.ChannelCredentials | None:
        """Of TLS; None without. Raises OSError where a file can't be read."""
        if not self.tls:
            return None
        return (Tls() if self.tls is True else self.tls).credentials()

    @property
    def options(self) -> list[tuple[str, Any]]:
        """Of a gRPC channel."""
        return [
            ("grpc.service_config", self.retries.service_config()),
            ("grpc.enable_retries", int(self.retries.attempts > 1)),
            # a service that comes back is found again soon
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 1_000),
            ("grpc.max_reconnect_backoff_ms", 5_000),
            # a connection that is dead without a word is noticed while calls wait on it
            ("grpc.keepalive_time_ms", 30_000),
            ("grpc.keepalive_timeout_ms", 5_000),
            # what was asked for is what comes back: thousands of long texts are not too much
            ("grpc.max_receive_message_length", -1),
            # a proxy of the environment's is for the world outside
            ("grpc.enable_http_proxy", int(not _is_local(self.target))),
        ]

    def metadata(self, request_id: str) -> tuple[tuple[str, str], ...]:
        """What goes along with a call; raises what the token's function or file does."""
        with_id = ("x-request-id", request_id)
        if self.token is None:
            return (with_id,)
        if isinstance(self.token, Path):
            token = self.token.read_text(encoding="utf-8").strip()
        else:
            token = self.token if isinstance(self.token, str) else self.token()
        return (with_id, ("authorization", f"Bearer {token}"))


def _content(path: str | Path | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()


def _is_local(target: str) -> bool:
    """Whether what is sent stays on this machine."""
    if target.startswith("unix:"):
        return True
    host = target.rpartition("/")[2].rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
