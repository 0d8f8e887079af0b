"""The user's cache: what is downloaded or built once and shared by every clone, run and pipeline.

Standard library alone: nox imports this module before any environment exists.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

FULL_DISK = (errno.ENOSPC, errno.EDQUOT)


class SetupError(Exception):
    """Something that this machine lacks or refuses. Its text is for a person: what is wrong, then the mend."""


def cache_root() -> Path:
    """The cache folder: `$FEATUREMILL_CACHE`, else `featuremill` in `$XDG_CACHE_HOME` or `~/.cache`."""
    chosen = os.environ.get("FEATUREMILL_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "featuremill"


def content_hash(*parts: bytes | str) -> str:
    """The first 16 hex digits of a SHA-256 over the parts, each with its length, so that no two lists collide."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the cache's lock of that name: across processes, released by the kernel however the holder ends."""
    folder = writable_folder(cache_root() / "locks")
    with explained_full_disk(folder):
        handle = open(folder / f"{name}.lock", "w")  # noqa: SIM115 - closed by the with below
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def made_once(target: Path, make: Callable[[Path], None]) -> Path:
    """Return the folder `target`, made by `make(folder)` if it is not there yet.

    It is built beside its place and renamed under a lock, so that no other process ever sees half of it.
    """
    if target.exists():
        return target
    with locked(f"{target.parent.name}-{target.name}"), explained_full_disk(target):
        if target.exists():
            return target
        part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=writable_folder(target.parent)))
        try:
            make(part)
            part.rename(target)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    return target


def writable_folder(folder: Path) -> Path:
    """The folder, made if it isn't there. Raises `SetupError` where that can't be."""
    with explained_full_disk(folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder
            reason = os.strerror(errno.EACCES)
        except OSError as error:
            if error.errno in FULL_DISK:
                raise
            reason = error.strerror or str(error)
    if folder.is_relative_to(cache_root()):
        mend = "set FEATUREMILL_CACHE to a folder that you may write to"
    else:
        mend = "make it writable, or work in a clone that is"
    raise SetupError(f"{folder} can't be written: {reason}\nhelp: {mend}")


@contextlib.contextmanager
def explained_full_disk(place: Path) -> Iterator[None]:
    """Turn a full disk into a `SetupError` that names the place and the mend."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL_DISK:
            raise
        raise SetupError(
            f"no space is left on the disk of {place}\n"
            f"help: featuremill keeps about 1.5 GB under {cache_root()}: free some, "
            "or set FEATUREMILL_CACHE to a folder on a larger disk"
        ) from error


def progress(text: str) -> None:
    """One line about something that takes a while, on standard error."""
    print(text, file=sys.stderr, flush=True)
