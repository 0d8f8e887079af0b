"""Redis' protocol: commands as bytes, and what its error replies mean."""

import re

from hiredis import ReplyError

from featuremill_serving.addresses import HostPort
from featuremill_serving.errors import NotAnEntity, StoreError, StoreRefused, StoreUnavailable

_LATER = frozenset({"LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "MISCONF", "NOREPLICAS", "READONLY"})
_LOGIN = frozenset({"NOAUTH", "WRONGPASS"})
_MOVED = re.compile(r"(?P<kind>MOVED|ASK) (?P<slot>[0-9]{1,5}) \[?(?P<host>[^\s\[\]]+)\]?:(?P<port>[0-9]{1,5})")


def encode(*arguments: str | bytes | int) -> bytes:
    """A command.

    >>> encode("GET", "a")
    b'*2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\na\\r\\n'
    """
    parts = [each if isinstance(each, bytes) else str(each).encode() for each in arguments]
    return b"*%d\r\n" % len(parts) + b"".join([b"$%d\r\n%b\r\n" % (len(part), part) for part in parts])


class Moved(StoreUnavailable):
    """Another server of the cluster has the key: for this once (`ask`) or from now on."""

    def __init__(self, slot: int, address: HostPort, *, ask: bool) -> None:
        super().__init__(f"slot {slot} is at {address}")
        self.slot = slot
        self.address = address
        self.ask = ask


def error_of(reply: ReplyError) -> StoreError:
    """What an error reply means."""
    text = str(reply)
    kind = text.partition(" ")[0]
    if kind == "WRONGTYPE":
        return NotAnEntity(text)
    moved = _MOVED.fullmatch(text)
    if moved is not None:
        address = HostPort(moved["host"], int(moved["port"]))
        return Moved(int(moved["slot"]), address, ask=moved["kind"] == "ASK")
    if kind in ("MOVED", "ASK"):
        return StoreUnavailable(text)  # of a server that doesn't tell its host: another look at the cluster tells it
    if kind in _LOGIN or "invalid username-password" in text or "invalid password" in text:
        return StoreRefused(text)
    return StoreUnavailable(text) if kind in _LATER or "max number of clients" in text else StoreError(text)
