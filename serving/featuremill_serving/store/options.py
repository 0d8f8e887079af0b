"""How Redis is reached."""

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from featuremill_serving.addresses import HostPort, UnixSocket

Address = HostPort | UnixSocket


class Mode(StrEnum):
    """How a Redis is run."""

    STANDALONE = "standalone"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


class ReadFrom(StrEnum):
    """Which of a master and its replicas is read."""

    MASTER = "master"
    # replicas in turn; the master while there is none
    REPLICAS = "replicas"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An ACL user; without a name the default one. Both None: no login."""

    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TlsOptions:
    """TLS to Redis. Without `ca` the machine's own authorities; `certificate` and `key` where Redis wants ours."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Read from the files now, so a new connection has new certificates.

        Raises:
            OSError: a file can't be read, or isn't what it should be (ssl.SSLError is one).
        """
        context = ssl.create_default_context(cafile=self.ca)
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """One Redis as it is run.

    Attributes:
        addresses: of the server; the sentinels; or some nodes of the cluster.
        sentinel_master: what the sentinels call the master.
        sentinel_credentials: the sentinels' own login.
        database: the number of the database; 0 on a cluster.
        connections: to each server.
        timeout_s: how long a connection and an answer are waited for.
        attempts: how often a read is tried at most.
        max_waiting: how many reads may wait for one server before more are refused.
    """

    addresses: tuple[Address, ...]
    mode: Mode = Mode.STANDALONE
    credentials: Credentials = Credentials()
    tls: TlsOptions | None = None
    sentinel_master: str = ""
    sentinel_credentials: Credentials = Credentials()
    read_from: ReadFrom = ReadFrom.MASTER
    database: int = 0
    connections: int = 1
    timeout_s: float = 1.0
    attempts: int = 3
    max_waiting: int = 20_000

    def __str__(self) -> str:
        places = ", ".join(map(str, self.addresses))
        return {
            Mode.STANDALONE: places,
            Mode.SENTINEL: f"{self.sentinel_master!r} of the sentinels {places}",
            Mode.CLUSTER: f"the cluster of {places}",
        }[self.mode]
