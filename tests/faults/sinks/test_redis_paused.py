"""Redis stands still for longer than the sink waits for an answer, and then goes on where it was.

What the sink had sent before it gave up the connection is still in the socket: Redis executes it when it goes on,
beside what the sink sends again.
"""

from __future__ import annotations

import os
import signal

import pytest
from fault_runs import Feed, Job, Watch, judge, wait_until_writing
from last_write_wins import generate
from waiting import wait_until

pytestmark = pytest.mark.jvm

ROWS = 100_000
PAUSES = 3


def test_a_redis_that_stands_still_gets_every_row(platform, say):
    with platform.redis() as server, Watch(server) as watch, Feed(platform, generate(ROWS, seed=3), PAUSES + 1) as feed:
        job = Job(platform, server.address, "request.timeout=1s")
        for _ in range(PAUSES):
            before = job.settled_metric("retries")
            wait_until_writing(feed, server)
            os.kill(server.process.pid, signal.SIGSTOP)
            try:
                # the first for the answers that don't come, the second for a connection that isn't answered
                wait_until(lambda before=before: job.metric("retries") >= before + 2, "two time-outs", 60)
            finally:
                os.kill(server.process.pid, signal.SIGCONT)
            job.wait_for_checkpoint()
        arrivals = feed.finish()
        job.wait_for_all_rows()
        retries, restarts = job.settled_metric("retries"), job.restarts
        job.stop()
        assert retries >= 2 * PAUSES
        assert restarts == 0, "the sink is to wait for Redis by itself"
        say(f"{judge(server, arrivals, watch)}; {PAUSES} pauses, {retries} time-outs, {restarts} restarts")
