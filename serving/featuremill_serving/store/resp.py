"""Redis' protocol: commands as bytes, and what its error replies mean."""

from hiredis import ReplyError

from featuremill_serving.errors import NotAnEntity, StoreError, StoreRefused, StoreUnavailable

_LATER = frozenset({"LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "MISCONF", "NOREPLICAS", "READONLY"})
_LOGIN = frozenset({"NOAUTH", "WRONGPASS"})


def encode(*arguments: str | bytes | int) -> bytes:
    """A command.

    >>> encode("GET", "a")
    b'*2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\na\\r\\n'
    """
    parts = [each if isinstance(each, bytes) else str(each).encode() for each in arguments]
    return b"*%d\r\n" % len(parts) + b"".join([b"$%d\r\n%b\r\n" % (len(part), part) for part in parts])


class Moved(StoreUnavailable):
    """Another server of the cluster has the key: `address` as `host:port`, for this once (`ask`) or from now on."""

    def __init__(self, slot: int, address: str, *, ask: bool) -> None:
        super().__init__(f"slot {slot} is at {address}")
        self.slot = slot
        self.address = address
        self.ask = ask


def error_of(reply: ReplyError) -> StoreError:
    """What an error reply means."""
    text = str(reply)
    kind, _, rest = text.partition(" ")
    if kind == "WRONGTYPE":
        return NotAnEntity(text)
    if kind in ("MOVED", "ASK"):
        slot, _, address = rest.partition(" ")
        if slot.isdigit() and address:
            return Moved(int(slot), address, ask=kind == "ASK")
    if kind in _LOGIN or "invalid username-password" in text or "invalid password" in text:
        return StoreRefused(text)
    return StoreUnavailable(text) if kind in _LATER or "max number of clients" in text else StoreError(text)
