"""Redis is killed during writes and started again on its port, with what it has acknowledged in its log on disk."""

from __future__ import annotations

import pytest
from fault_runs import Feed, Job, Watch, contents, judge, wait_until_writing
from featuremill_local.redis_server import RedisServer
from last_write_wins import compare, end_state, generate
from waiting import wait_until

pytestmark = pytest.mark.jvm

ROWS = 100_000
KILLS = 4


def kill_and_restart(server: RedisServer, watch: Watch, feed: Feed, job: Job) -> None:
    before = job.settled_metric("retries")
    wait_until_writing(feed, server)
    watch.wait_for_look()  # rows that it never saw could be lost without its noticing
    server.kill()
    wait_until(lambda: job.metric("retries") > before, "the sink to notice", 60)
    server.start()
    job.wait_for_checkpoint()


def test_a_redis_that_dies_and_comes_back_has_every_row(platform, say):
    with (
        platform.redis(durable=True) as server,
        Watch(server) as watch,
        Feed(platform, generate(ROWS, seed=2), KILLS + 1) as feed,
    ):
        job = Job(platform, server.address)
        for _ in range(KILLS):
            kill_and_restart(server, watch, feed, job)
        arrivals = feed.finish()
        job.wait_for_all_rows()
        retries, restarts = job.settled_metric("retries"), job.restarts
        job.stop()
        assert retries >= KILLS
        assert restarts == 0, "the sink is to wait for Redis by itself"
        say(f"{judge(server, arrivals, watch)}; {KILLS} kills, {retries} retries, {restarts} restarts")


def test_control_without_the_log_on_disk_rows_are_lost(platform, say):
    rows = generate(ROWS // KILLS, seed=2)
    with platform.redis() as server, Watch(server) as watch, Feed(platform, rows, portions=2) as feed:
        job = Job(platform, server.address)
        kill_and_restart(server, watch, feed, job)
        arrivals = feed.finish()
        job.wait_for_all_rows()
        job.stop()
        verdict = compare(contents(server), end_state(arrivals))
        assert verdict.lost > 0, "nothing was lost, so Redis was not killed, and the test above proves nothing"
        assert watch.regressions, "rows were lost, and the watch has not seen it"
        say(f"{len(rows)} rows: {verdict.lost} lost, {verdict.regressed} regressed; 1 kill")
