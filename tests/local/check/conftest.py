from __future__ import annotations

from collections.abc import Iterator

import pytest
from featuremill_local.check.engines import FlinkEngine
from featuremill_local.runs import new_run


@pytest.fixture(scope="session")
def engine() -> Iterator[FlinkEngine]:
    """Flink's planner, in one JVM for all tests."""
    with new_run("check-tests") as run:
        made = FlinkEngine(run)
        made.start([])
        yield made
