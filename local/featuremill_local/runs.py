"""The runs of this clone: each has a data folder, a lock that lives as long as its processes, and a description."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from featuremill_local.cache import SetupError, explained_full_disk, writable_folder
from featuremill_local.places import REPOSITORY
from featuremill_local.ports import Ports
from featuremill_local.processes import Processes

RUNS = REPOSITORY / ".featuremill" / "runs"
KEPT_LOGS = 3
HOLD = "nox -s local-<pipeline> -- --keep holds a run up"


@dataclass(frozen=True)
class Description:
    """What other commands may know of a run: its process and its addresses."""

    run: str
    pid: int
    pipeline: str
    kafka: str = ""
    redis: str = ""
    flink: str = ""
    serving: str = ""
    feature_source: str = ""
    """The folder of the partitions that it loaded, where it has some."""


@dataclass(frozen=True)
class Run:
    """A run that is going on: its processes, its ports, its data folder."""

    name: str
    pipeline: str
    data: Path
    processes: Processes
    ports: Ports

    def describe(self, **addresses: str) -> None:
        """Write down where its parts listen, for `dead-letters`, `down` and the like."""
        description = Description(self.name, os.getpid(), self.pipeline, **addresses)
        part = self.data / ".run.json"
        part.write_text(json.dumps(asdict(description)))
        part.rename(self.data / "run.json")

    def end(self, error: BaseException | None) -> None:
        """End its processes and clear its data folder; after an error, but not an interruption, its logs stay."""
        if error is not None and not isinstance(error, KeyboardInterrupt | SystemExit):
            self.processes.keep_logs()
        self.processes.close()


@contextmanager
def new_run(pipeline: str) -> Iterator[Run]:
    """A new run of the pipeline. When the block is left, however it is left, its processes have ended.

    Its logs stay if it ended with an error; everything else of its data folder goes.
    """
    with explained_full_disk(writable_folder(RUNS)):
        forget_old_runs()
        name = f"{pipeline}-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
        data = RUNS / name
        data.mkdir()
        # The guardian inherits this lock and holds it until the last process is gone.
        lock = os.open(RUNS / f"{name}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
    ports = Ports()
    processes = Processes(data, keep_open=lock)
    run = Run(name, pipeline, data, processes, ports)
    try:
        run.describe()
        yield run
    except BaseException as error:
        run.end(error)
        raise
    else:
        run.end(None)
    finally:
        ports.release()
        os.close(lock)
        if not data.exists():
            (RUNS / f"{name}.lock").unlink(missing_ok=True)


def is_alive(name: str) -> bool:
    """True while any process of the run is left."""
    try:
        lock = os.open(RUNS / f"{name}.lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def running() -> list[Description]:
    """The runs of this clone that are going on, oldest first."""
    found = []
    for path in sorted(RUNS.glob("*/run.json"), key=lambda path: path.parent.stat().st_mtime):
        if is_alive(path.parent.name):
            found.append(Description(**json.loads(path.read_text())))
    return found


def held_up() -> list[Description]:
    """The runs of this clone that other commands may use, oldest first."""
    return [run for run in running() if run.redis]


def find_run(name: str | None, pipeline: str | None = None) -> Description | None:
    """The run of this name; without one the newest that is held up, of this pipeline if there is one.

    Raises `SetupError` where no run of this name is held up.
    """
    kept = held_up()
    if name is None:
        kept.sort(key=lambda run: run.pipeline == pipeline)
        return kept[-1] if kept else None
    for run in kept:
        if run.run == name:
            return run
    there = ", ".join(run.run for run in kept) or f"none; {HOLD}"
    raise SetupError(f"no run {name} is held up\nhelp: held up: {there}")


def forget_old_runs() -> None:
    """Remove what earlier runs left behind, but for the logs of the last few that failed."""
    dead = [folder for folder in RUNS.iterdir() if folder.is_dir() and not is_alive(folder.name)]
    dead.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in dead[KEPT_LOGS:]:
        shutil.rmtree(folder, ignore_errors=True)
    for lock in RUNS.glob("*.lock"):
        if not lock.with_suffix("").exists() and not is_alive(lock.stem):
            lock.unlink(missing_ok=True)
