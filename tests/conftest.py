"""What all tests share: the service is run by the Python of its own environment, as a user's is."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from featuremill_local.cache import cache_root
from featuremill_local.environments import python

# What the tests are and import is compiled once for all runs, into the cache and never beside the sources: half of what
# collecting costs. It is this process's own setting: pip, run by a test, would put what it compiles there, too.
sys.dont_write_bytecode = False
sys.pycache_prefix = str(cache_root() / "bytecode")


def pytest_configure() -> None:
    """Programs that tests start react to Ctrl-C also where the tests run in the background of a script.

    There a shell has SIGINT ignored, which programs inherit. A handler isn't inherited, and this one ignores it, too.
    Nor do they print for the width of a terminal, which pytest's own processes are told by variables.
    """
    for size in ("COLUMNS", "LINES"):
        os.environ.pop(size, None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Make the serving environments, where a test needs them, before the first test is timed."""
    if any(item.nodeid.startswith(("tests/serving", "tests/client")) for item in session.items):
        os.environ.setdefault("FEATUREMILL_SERVING_PYTHON", str(python("serving")))
    if any("tests/serving/test_tracing" in item.nodeid for item in session.items):
        python("tracing")
