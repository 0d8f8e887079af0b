"""There is no room for a partition: nothing of it is seen, a person is told where and what to do, then it is there.

A file may grow to so many bytes and no further (`ulimit -f`), which any user can ask for; the JVM hears of it from the
same call as of a full disk, in other words (EFBIG, not ENOSPC).
"""

from __future__ import annotations

import pytest
import spark_programs
from featuremill_local.runs import new_run
from many_rows import (
    DAY,
    END_SECONDS,
    NAME,
    ROWS,
    left_over,
    partitions,
    rows_there,
    start,
    write_partition,
    write_table,
)

pytestmark = pytest.mark.jvm

KIBIBYTES = 3_000
NARROW = ("bash", "-c", f'ulimit -f {KIBIBYTES} && exec "$@"', "bash")
TWO_FILES: dict[str, object] = {"spark.sql.adaptive.coalescePartitions.enabled": "false"}


def test_what_has_no_room_is_said_and_nothing_of_it_is_seen(tmp_path):
    write_table(tmp_path, ROWS)
    with new_run("faults") as run:
        process = start(run, tmp_path, TWO_FILES, NARROW)
        assert process.popen.wait(END_SECONDS) == 1
        assert spark_programs.said(process.log_text(), NAME) == {
            DAY: f"the partition can't be written to {partitions(tmp_path)}: File too large; nothing of the day is"
            " visible, and what had been written is removed; make room there, and run it again"
        }
        assert "Traceback" not in process.log_text()
        assert not list(partitions(tmp_path).glob("dt=*"))
        assert left_over(tmp_path) == []

        write_partition(run, tmp_path)
        assert rows_there(tmp_path) == ROWS
