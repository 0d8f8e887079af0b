"""The job comes back with another number of writers while rows come: from a savepoint, and after a kill.

The rows that a writer has not written are in its state, and may go to another writer than later ones of their keys.
The batch writer holds thousands of them; the stream writer those removals that wait for the next row of their key.
"""

from __future__ import annotations

import pytest
from fault_runs import (
    Feed,
    Job,
    Watch,
    cancel,
    contents,
    judge,
    stop_with_savepoint,
    wait_until_writing,
)
from featuremill_local.connector import build_control_connector
from last_write_wins import compare, end_state, generate
from waiting import wait_until

pytestmark = pytest.mark.jvm

ROWS = 60_000
HELD = 1_000
BATCH = ("writer=batch", "flush.max-rows=4000")


def at(parallelism: int, state: str = "") -> dict[str, object]:
    """Flink's settings for a job of this parallelism, from the state of another if there is one."""
    settings: dict[str, object] = {
        "parallelism.default": parallelism,
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
    }
    return settings | ({"execution.state-recovery.path": state} if state else {})


@pytest.mark.parametrize("options", [("writer=stream",), BATCH], ids=["stream", "batch"])
def test_with_more_writers_and_with_fewer_nothing_is_lost(platform, say, options):
    rows = generate(ROWS, seed=8, whole=True)
    with platform.redis() as server, Watch(server) as watch, Feed(platform, rows, portions=3) as feed:
        two = Job(platform, server.address, *options, settings=at(2))
        wait_until_writing(feed, server)
        savepoint = stop_with_savepoint(platform.embedded, two.id)

        three = Job(platform, server.address, *options, settings=at(3, savepoint))
        wait_until_writing(feed, server)
        platform.kill_task_manager()
        checkpoint = cancel(platform, three.id)

        one = Job(platform, server.address, *options, settings=at(1, checkpoint))
        arrivals = feed.finish()
        one.wait_for_all_rows()
        one.stop()
        say(f"{judge(server, arrivals, watch, ordered=False)}; 2 writers, a savepoint, 3, a kill, 1")


def test_control_without_the_state_rows_are_lost(platform, say):
    rows = generate(ROWS // 3, seed=8, whole=True)
    options = ("connector=featuremill-redis-forgetful", "writer=batch", "flush.max-rows=1000000")
    jars = [build_control_connector()]
    with platform.redis() as server, Feed(platform, rows, portions=1) as feed:
        two = Job(platform, server.address, *options, more_jars=jars, settings=at(2))
        feed.next_portion()
        wait_until(lambda: two.metric("bufferedRows") >= HELD, "rows in the writers' buffers", 60)
        savepoint = stop_with_savepoint(platform.embedded, two.id)
        three = Job(platform, server.address, *options, more_jars=jars, settings=at(3, savepoint))
        arrivals = feed.finish()
        three.wait_for_all_rows()
        three.stop()
        verdict = compare(contents(server), end_state(arrivals))
        assert verdict.lost + verdict.regressed > HELD / 2, (
            "the control lost next to nothing, so the test above proves nothing"
        )
        say(f"{len(rows)} rows: {verdict.lost} lost, {verdict.regressed} regressed; 2 writers, a savepoint, 3")
