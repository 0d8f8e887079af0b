"""What can go wrong, by what to do about it.

FeaturemillError
├── InvalidRequest          the request can't be right, whatever is stored: mend the caller
├── NotFound                no such feature set, no such entity
├── PreconditionFailed      no entity's features are stored there, or the service has no registry
├── AccessDenied
│   ├── Unauthenticated     the service doesn't know who calls
│   └── PermissionDenied    it does, and that caller may not read this
├── TryAgain                nothing is wrong with the request
│   ├── Unavailable         the service or its store can't be reached now
│   ├── Overloaded          too much at once: pause first
│   └── DeadlineExceeded    no answer within the timeout
└── ServiceFailed           the service's own fault, or an answer that this client can't read
"""

from __future__ import annotations

import grpc


class FeaturemillError(Exception):
    """A call that failed.

    Attributes:
        message: what the service said, or the client where no answer came.
        request_id: under this id the service's log has the call; None where nothing was sent.
        code: gRPC's name of the status, such as `UNAVAILABLE`; None where nothing was sent.
    """

    def __init__(self, message: str, *, request_id: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.request_id = request_id
        self.code = code

    def __str__(self) -> str:
        return self.message if self.request_id is None else f"{self.message} (request {self.request_id})"

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.message, self.request_id, self.code)


class InvalidRequest(FeaturemillError):
    """The request can't be right, whatever is stored."""


class NotFound(FeaturemillError):
    """There is no such feature set or entity."""


class PreconditionFailed(FeaturemillError):
    """What is stored under the entity's name is not an entity, or the call needs a registry and there is none."""


class AccessDenied(FeaturemillError):
    """The call was refused for who calls."""


class Unauthenticated(AccessDenied):
    """The service doesn't know who calls."""


class PermissionDenied(AccessDenied):
    """The caller may not read this."""


class TryAgain(FeaturemillError):
    """Nothing is wrong with the request; another try may succeed."""


class Unavailable(TryAgain):
    """The service or its store can't be reached now."""


class Overloaded(TryAgain):
    """Too much at once."""


class DeadlineExceeded(TryAgain):
    """No answer came within the timeout."""


class ServiceFailed(FeaturemillError):
    """The service failed on this request, or gave an answer that this client can't read."""


_KINDS: dict[grpc.StatusCode, type[FeaturemillError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequest,
    grpc.StatusCode.OUT_OF_RANGE: InvalidRequest,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.FAILED_PRECONDITION: PreconditionFailed,
    grpc.StatusCode.UNAUTHENTICATED: Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDenied,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Overloaded,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.CANCELLED: FeaturemillError,
}


def from_rpc(error: grpc.RpcError, request_id: str) -> FeaturemillError:
    """The error for how a call by grpcio ended."""
    code = error.code()
    kind = _KINDS.get(code, ServiceFailed)
    return kind(error.details() or code.name, request_id=request_id, code=code.name)


def _restore(kind: type[FeaturemillError], message: str, request_id: str | None, code: str | None) -> FeaturemillError:
    """For pickle: errors cross the borders of worker processes."""
    return kind(message, request_id=request_id, code=code)
