"""The Python environments that the parts run in: each made once in the user's cache from a lock file with hashes.

PyFlink pins old releases of packages that the rest wants new, so there are several. An environment is keyed by its
lock's content, the Python that it points to and the platform, and shared by all clones, sessions and pipelines. It
holds third-party packages only: a clone's own code comes by `PYTHONPATH`.

Standard library alone: nox imports this module before any environment exists.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featuremill_local.cache import SetupError, cache_root, content_hash, made_once, progress
from featuremill_local.helpers import run_helper
from featuremill_local.places import REPOSITORY


@dataclass(frozen=True)
class Known:
    """An environment: its lock, its size on the disk as a person is told it, and the folders of the clone that own
    packages are imported from.
    """

    lock: Path
    size: str
    sources: tuple[str, ...] = ()


_LOCKS = REPOSITORY / "local" / "environments"
_SERVING = REPOSITORY / "serving"
ENVIRONMENTS = {
    "tool": Known(_LOCKS / "tool.txt", "260 MB", ("codegen", "sinks", "local", "ci")),
    "job": Known(_LOCKS / "job.txt", "850 MB: Flink itself", ("sinks", "local")),
    "spark": Known(_LOCKS / "spark.txt", "560 MB", ("local",)),
    "jre": Known(_LOCKS / "jre.txt", "60 MB"),
    "schedulers": Known(_LOCKS / "schedulers.txt", "400 MB: Airflow and DolphinScheduler's SDK, for tests alone"),
    "serving": Known(_SERVING / "requirements.txt", "60 MB", ("serving",)),
    "tracing": Known(_SERVING / "requirements-tracing.txt", "70 MB", ("serving",)),
    "client": Known(_LOCKS / "client.txt", "640 MB: pandas, polars, Arrow", ("serving/client", "serving", "local")),
    # what `nox -s bench-serving` compares with
    "feast": Known(_LOCKS / "feast.txt", "560 MB"),
    "redis": Known(_LOCKS / "redis.txt", "100 MB"),
    "buf": Known(_LOCKS / "buf.txt", "60 MB"),
}
# what pip says when it reaches no index, among them that it found no version of a release that is pinned
UNREACHABLE = ("onnection", "NameResolution", "timed out", "SSLError", "Could not find a version", "ProxyError")


def environment(name: str) -> Path:
    """The folder of the named environment (a key of `ENVIRONMENTS`), made now if it is not in the cache.

    Raises `SetupError` if its packages can't be had, with the last lines that pip said.
    """
    lock = ENVIRONMENTS[name].lock
    interpreter = os.path.realpath(sys.executable)  # an environment only points to it
    key = content_hash(lock.read_bytes(), interpreter, platform.python_version(), sys.platform, platform.machine())
    target = cache_root() / "environments" / f"{name}-{key}"
    return made_once(target, lambda folder: _install(name, lock, folder))


def python(name: str) -> Path:
    """The interpreter of the named environment, made if need be."""
    return environment(name) / "bin" / "python"


def python_with(name: str, requirements: Sequence[str]) -> Path:
    """The interpreter of the named environment with these packages beside its own; its own where there are none.

    They are a layer in the cache, made once for all pipelines that ask for the same; what the environment pins stays
    as it is. Raises `SetupError` if they can't be had or don't go with it, with the last lines that pip said.
    """
    if not requirements:
        return python(name)
    below = environment(name)
    key = content_hash("\n".join(requirements).encode(), below.name)
    target = cache_root() / "environments" / f"{name}-layer-{key}"
    return made_once(target, lambda folder: _install_layer(name, below, requirements, folder)) / "bin" / "python"


def variables_of_requirements(requirements: Sequence[str], name: str = "job") -> dict[str, str]:
    """What tells which Python has a pipeline's requirements, made if need be; empty where it has none.

    It lies over the named environment: that of streams, or `spark`.
    """
    return {"FEATUREMILL_PYTHON": str(python_with(name, requirements))} if requirements else {}


def packages_of(interpreter: Path) -> Path:
    """The folder of an environment's own packages, by its interpreter."""
    return next((interpreter.parents[1] / "lib").glob("python*/site-packages"))


def source_path(name: str) -> str:
    """The `PYTHONPATH` on which the named environment finds this clone's own packages."""
    return os.pathsep.join(str(REPOSITORY / folder) for folder in ENVIRONMENTS[name].sources)


def process_environment(name: str) -> dict[str, str]:
    """The environment variables of a process of the named environment: this one's, with its `PYTHONPATH`.

    A proxy of the user's is for the world outside: the workers of Python functions call the JVM beside them by gRPC.
    """
    inherited = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")}
    own = {"PYTHONPATH": source_path(name), "PYTHONDONTWRITEBYTECODE": "1", "no_grpc_proxy": "localhost,127.0.0.1"}
    return {**inherited, **own}


def _install(name: str, lock: Path, folder: Path) -> None:
    # The folder is renamed afterwards. An environment's interpreter bears that; its scripts don't, so nothing of ours
    # is run by them: it is always `python -m`.
    started = time.monotonic()
    progress(f"making the {name} environment ({ENVIRONMENTS[name].size}; once for all clones) ...")
    what = f"the {name} environment"
    _run([sys.executable, "-m", "venv", str(folder)], what)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--require-hashes", "--no-input", "-r", str(lock)], what)
    progress(f"made the {name} environment in {time.monotonic() - started:.0f} s")


def _install_layer(name: str, below: Path, requirements: Sequence[str], folder: Path) -> None:
    started = time.monotonic()
    progress(f"installing a pipeline's requirements.txt: {', '.join(requirements)} ...")
    what = "the environment of the pipeline's requirements.txt"
    _run([sys.executable, "-m", "venv", "--without-pip", str(folder)], what)
    interpreter = folder / "bin" / "python"
    (packages_of(interpreter) / "below.pth").write_text(f"{packages_of(below / 'bin' / 'python')}\n")
    wanted, pinned = folder / "requirements.txt", folder / "pinned.txt"
    wanted.write_text("".join(f"{line}\n" for line in requirements))
    pins = re.findall(r"^([\w.\[\]-]+==[^\s\\]+)", ENVIRONMENTS[name].lock.read_text(), re.MULTILINE)
    pinned.write_text("".join(f"{pin}\n" for pin in pins))
    pip = [str(below / "bin" / "python"), "-m", "pip", "--python", str(interpreter), "install", "--quiet"]
    _run([*pip, "--disable-pip-version-check", "--no-input", "-c", str(pinned), "-r", str(wanted)], what)
    progress(f"installed them in {time.monotonic() - started:.0f} s")


def _run(command: list[str], what: str) -> None:
    done = run_helper(command)
    if done.exit_code == 0:
        return
    if "No space left on device" in done.output:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    said = "\n".join(f"  {line}" for line in done.output.strip().splitlines()[-6:])
    if "ensurepip" in done.output:
        mend = "install Python's venv module (on Debian and Ubuntu: apt install python3-venv)"
    elif "ResolutionImpossible" in done.output:
        mend = "the platform pins what pip calls a constraint: ask for a release that goes with it"
    elif any(word in done.output for word in UNREACHABLE):
        mend = "this step downloads from PyPI: check the network, a proxy (HTTPS_PROXY) or pip's own configuration"
    else:
        mend = "run it again; if it says the same, report it with these lines"
    raise SetupError(f"{what} could not be made; pip says:\n{said}\nhelp: {mend}")
