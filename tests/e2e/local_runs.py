"""Runs of `python -m featuremill_local`, as a user's: started as processes, ended as users end them."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import psutil
from featuremill_local import helpers, jars
from featuremill_local.__main__ import main
from featuremill_local.connector import build_connector
from featuremill_local.environments import python
from featuremill_local.runs import RUNS

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).parent / "fixtures" / "pipelines"
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("codegen", "local", "sinks"))}
# What many an office machine has: a run must reach its own parts directly. (Nothing listens there.)
BEHIND_A_PROXY = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"), "http://127.0.0.1:9")


@dataclass(frozen=True)
class KeptRun:
    """A run that is held up: what it printed, its name, and its addresses."""

    process: subprocess.Popen[str]
    output: str
    run: str
    kafka: str
    redis: str
    flink: str
    serving: str


def download_everything() -> None:
    """Make ready what a run downloads on a new machine; behind a proxy that isn't there it could not."""
    python("job")
    python("serving")
    build_connector()
    for group in ("kafka-broker", "connectors"):
        jars.download(group)


def start(
    pipeline: str, *arguments: str, pipelines: Path = ROOT / "pipelines", **variables: str
) -> subprocess.Popen[str]:
    """Start a local run, with more environment variables; its output is read from `stdout`."""
    return subprocess.Popen(
        [sys.executable, "-m", "featuremill_local", "run", pipeline, "--pipelines", str(pipelines), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT | variables,
    )


def start_replay(
    held: KeptRun, pipeline: str, *arguments: str, pipelines: Path = ROOT / "pipelines"
) -> subprocess.Popen[str]:
    """Start a replay into this run, as other tests may hold up newer ones; its output is read from `stdout`."""
    command = [sys.executable, "-m", "featuremill_local", "replay", pipeline, "--pipelines", str(pipelines)]
    return subprocess.Popen(
        [*command, "--run", held.run, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT,
    )


def replay(
    held: KeptRun, pipeline: str, *arguments: str, pipelines: Path = ROOT / "pipelines"
) -> subprocess.CompletedProcess[str]:
    """A replay into this run, to its end."""
    popen = start_replay(held, pipeline, *arguments, pipelines=pipelines)
    output, _ = popen.communicate(timeout=600)
    return subprocess.CompletedProcess(popen.args, popen.returncode, output)


def run(pipeline: str, *arguments: str, pipelines: Path = FIXTURES) -> subprocess.CompletedProcess[str]:
    """A local run to its end."""
    popen = start(pipeline, *arguments, pipelines=pipelines)
    output, _ = popen.communicate(timeout=600)
    return subprocess.CompletedProcess(popen.args, popen.returncode, output)


def refused(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that is refused before it starts anything, called here: a process of its own takes half a second.

    What main() leaves behind in a process that ends is put right: SIGTERM's handler, and that no helper starts anymore.
    """
    said, errors = io.StringIO(), io.StringIO()
    handler = signal.getsignal(signal.SIGTERM)
    with (
        redirect_stdout(said),
        redirect_stderr(errors),
        mock.patch.object(helpers, "_stopping", False),
        mock.patch.dict(os.environ, FEATUREMILL_PARENT=""),
    ):
        try:
            code = main(list(arguments))
        except SystemExit as ended:
            code = ended.code
        finally:
            signal.signal(signal.SIGTERM, handler)
    assert not list(RUNS.glob(f"*-{os.getpid()}"))
    return subprocess.CompletedProcess(arguments, code, said.getvalue(), errors.getvalue())


def read_until(popen: subprocess.Popen[str], text: str) -> str:
    """What the run prints up to the line that holds the text."""
    assert popen.stdout is not None
    lines = []
    for line in popen.stdout:
        lines.append(line)
        if text in line:
            return "".join(lines)
    raise AssertionError(f"the run ended without saying {text!r}; it said:\n{''.join(lines)}")


@contextmanager
def kept(*started: subprocess.Popen[str]) -> Iterator[list[KeptRun]]:
    """Wait until the runs, started with `--keep`, are held up; end them by SIGTERM afterwards."""
    try:
        yield [_held(popen) for popen in started]
    finally:
        for popen in started:
            popen.send_signal(signal.SIGTERM)
        codes = [popen.wait(60) for popen in started]
        for popen in started:
            assert popen.stdout is not None
            popen.stdout.close()
        assert codes == [0] * len(started)


def _held(popen: subprocess.Popen[str]) -> KeptRun:
    output = read_until(popen, "everything stays up")
    (path,) = RUNS.glob(f"*-{popen.pid}/run.json")
    described = json.loads(path.read_text())
    return KeptRun(popen, output, *(described[part] for part in ("run", "kafka", "redis", "flink", "serving")))


def processes_of(data: Path) -> list[str]:
    """The command lines of the processes that have the data folder in theirs or as their working folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            line = " ".join(process.cmdline())
            if str(data) in line or process.cwd().startswith(str(data)):
                found.append(line)
        except psutil.Error:
            continue
    return found
