"""Where the service listens and where its Redis is."""

import ipaddress
import re
import socket
from dataclasses import dataclass

from featuremill_serving.errors import ListenError, UsageError

_HOST_AND_PORT = re.compile(r"(?:\[(?P<ipv6>[^\[\]]+)\]|(?P<host>[^\[\]:/@\s]+)):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class HostPort:
    """A TCP address; an IPv6 host stands without its brackets. To listen on, port 0 is any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class UnixSocket:
    """The path of a Unix socket."""

    path: str

    def __str__(self) -> str:
        return f"unix:{self.path}"


def parse_host_port(text: str) -> HostPort:
    """`127.0.0.1:6379`, `redis.internal:6379` or `[::1]:6379`.

    Raises:
        UsageError: it is something else.
    """
    match = _HOST_AND_PORT.fullmatch(text)
    if match is None or int(match["port"]) > 65535:
        raise UsageError(
            f"'{text}' is not an address", "give HOST:PORT, for example 127.0.0.1:6379, an IPv6 host in brackets"
        )
    return HostPort(match["ipv6"] or match["host"], int(match["port"]))


def parse_redis(text: str) -> HostPort | UnixSocket:
    """`HOST:PORT`, or a Unix socket as `/run/redis.sock` or `unix:/run/redis.sock`.

    Raises:
        UsageError: it is something else, a URL for example.
    """
    if "@" in text or (text.partition("://")[1] and not text.startswith("unix://")):
        # Not repeated in the message: it may hold a password.
        raise UsageError(
            "the Redis address is a URL or holds a user",
            "give HOST:PORT or unix:/PATH, and the password in the environment variable FEATUREMILL_REDIS_PASSWORD",
        )
    path = text.removeprefix("unix:")
    if path.startswith("/"):
        return UnixSocket("/" + path.lstrip("/"))
    address = parse_host_port(text)
    if address.port == 0:
        raise UsageError(f"'{text}' is not an address of a Redis", "give the port that Redis listens on")
    return address


def is_loopback(address: HostPort) -> bool:
    """Whether only this machine can reach it: every address that the host's name stands for is loopback."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return all(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]).is_loopback for entry in found)


def check_bindable(address: HostPort, flag: str = "--listen") -> None:
    """Tries the address that the flag gives, because gRPC doesn't tell why it couldn't have it.

    Raises:
        ListenError: the host is unknown or not this machine's, or the port is taken or not allowed.
    """
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ListenError(
            f"can't listen on {address}: {error}", f"give {flag} an address of this machine, for example 127.0.0.1:0"
        ) from error
    family, kind, protocol, _, sockaddr = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(sockaddr)
            probe.listen(1)
        except OSError as error:
            raise ListenError(
                f"can't listen on {address}: {error.strerror}",
                f"give {flag} another port, 0 for any that is free, and an address of this machine",
            ) from error
