"""The clock of samples."""

import time

import pytest
from featuremill_serving.clock import machine_clock, parse_clock
from featuremill_serving.errors import UsageError
from serving_harness import NOW_MS


@pytest.mark.parametrize(
    "text",
    [
        "2013-01-03T12:00:00Z",
        "2013-01-03T12:00:00.000999Z",
        "2013-01-03 12:00:00",
        "2013-01-03T13:00:00+01:00",
    ],
)
def test_an_instant_stands_still(text: str) -> None:
    clock = parse_clock(text)
    assert clock() == clock() == NOW_MS


@pytest.mark.parametrize(
    ("text", "distance_ms"),
    [("+5ms", 5), ("-3s", -3000), ("+90m", 5_400_000), ("-2h", -7_200_000), ("-4700d", -4700 * 86_400_000)],
)
def test_an_offset_runs(text: str, distance_ms: int) -> None:
    before = machine_clock()
    told = parse_clock(text)()
    assert before <= told - distance_ms <= machine_clock()


@pytest.mark.parametrize("text", ["", "yesterday", "+", "+5", "5d", "+1w", "2013-13-01", "1357214400000000000"])
def test_no_time(text: str) -> None:
    with pytest.raises(UsageError, match="is not a time"):
        parse_clock(text)


def test_the_machines_clock_is_in_milliseconds() -> None:
    assert abs(machine_clock() - time.time() * 1000) < 5000
