"""What is read from a JVM's log of its garbage collections."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from benchmarks.sinks.memory import whole_collections

LOG = Path(__file__).parent / "fixtures" / "gc.log"


def test_only_whole_collections_tell_what_is_in_use() -> None:
    begin = datetime(2026, 11, 23, 10, 35, 34, tzinfo=UTC).timestamp()
    assert whole_collections(LOG) == [(begin, 78.0), (begin + 2.5, 80.0)]
