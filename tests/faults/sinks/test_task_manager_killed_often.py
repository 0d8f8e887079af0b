"""The TaskManager is killed five times during 200,000 rows, and comes back each time."""

from __future__ import annotations

import pytest
from fault_runs import Feed, Job, Watch, judge, wait_until_writing
from last_write_wins import generate
from waiting import wait_until

pytestmark = pytest.mark.jvm

ROWS = 200_000
KILLS = 5


def test_five_kills_lose_nothing(platform, say):
    with platform.redis() as server, Watch(server) as watch, Feed(platform, generate(ROWS, seed=1), KILLS + 1) as feed:
        job = Job(platform, server.address)
        for kill in range(KILLS):
            wait_until_writing(feed, server)
            platform.kill_task_manager()
            wait_until(lambda kill=kill: job.restarts > kill, "the restart", 60)
            job.wait_for_checkpoint()
        arrivals = feed.finish()
        job.wait_for_all_rows()
        restarts = job.restarts
        job.stop()
        assert restarts >= KILLS
        say(f"{judge(server, arrivals, watch)}; {KILLS} kills, {restarts} restarts")
