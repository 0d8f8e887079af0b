"""What can go wrong.

ServingError                 ends the process with its exit code
├── UsageError               2  the command line
├── ListenError              3  the address can't be listened on
├── RedisError               4  Redis can't be used at the start
└── RegistryError            5  the registry can't be used
WorkerEnded                  a worker process couldn't start; it has said why
StoreError                   fails one read; the service stays up
├── StoreUnavailable            worth another try
│   └── StoreRefused            Redis wants another user or password, or none at all
├── StoreOverloaded             too many reads wait already; worth another try after a pause
└── NotAnEntity                 the key holds something else than an entity
"""

from typing import ClassVar


class ServingError(Exception):
    """What a person did or can mend: `message` says where and what, `mend` what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend


class UsageError(ServingError):
    exit_code = 2


class ListenError(ServingError):
    exit_code = 3


class RedisError(ServingError):
    exit_code = 4


class RegistryError(ServingError):
    exit_code = 5


class WorkerEnded(Exception):
    """`exit_code` is the worker's."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"a worker ended with exit code {exit_code}")
        self.exit_code = exit_code


class StoreError(Exception):
    """A read that failed. The text is for the log: it may name addresses. `key` is the entity's that it is about."""

    key: bytes | None = None


class StoreUnavailable(StoreError):
    pass


class StoreRefused(StoreUnavailable):
    pass


class StoreOverloaded(StoreError):
    pass


class NotAnEntity(StoreError):
    pass
