"""One line of the log for a call."""

import logging
import uuid

import grpc

# what is ours to mend is logged; what callers do wrong is told to them, and counted
LOGGED = frozenset({grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED})
_LONGEST_ID = 100
_log = logging.getLogger(__name__)


def request_id(sent: str | bytes | None) -> str:
    """What the caller has sent as `x-request-id`, if a log and a header can hold it; else one that is made up."""
    if isinstance(sent, str) and sent.isascii() and sent.isprintable():
        return sent[:_LONGEST_ID]
    return uuid.uuid4().hex


def log_call(
    name: str, code: grpc.StatusCode, message: str, seconds: float, *, id: str, peer: str, caller: str | None
) -> None:
    """A call has ended; `caller` is its name, where it is known."""
    facts = {"request_id": id, "code": code.name, "ms": round(seconds * 1000, 2), "peer": peer}
    if caller is not None:
        facts["caller"] = caller
    level = logging.WARNING if code in LOGGED else logging.INFO
    _log.log(level, "%s: %s", name, message or code.name, extra={"facts": facts})
