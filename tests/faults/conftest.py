"""The platform of a fault's file, and a way to print figures past pytest's capture."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from fault_runs import Platform, new_platform


@pytest.fixture(scope="module")
def started() -> Iterator[Platform]:
    with new_platform() as platform:
        yield platform


@pytest.fixture
def platform(started: Platform) -> Platform:
    """The platform with no job and with empty topics."""
    started.start_afresh()
    return started


@pytest.fixture
def say(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    begun = time.monotonic()

    def say(figures: str) -> None:
        with capsys.disabled():
            print(f"\n{request.node.name}: {figures}, {time.monotonic() - begun:.0f} s")

    return say
