"""Rows come in any order, twice, by two jobs at once, and all over again: the end is the same."""

from __future__ import annotations

import pytest
from fault_runs import Feed, Job, Watch, judge
from last_write_wins import compare, end_state, generate, shuffled

pytestmark = pytest.mark.jvm

ROWS = 100_000
DUPLICATES = 10_000


def test_shuffled_duplicated_and_replayed_rows_by_several_jobs_end_the_same(platform, say):
    rows = shuffled(generate(ROWS, seed=5), seed=6, duplicates=DUPLICATES)
    with platform.redis() as server, Watch(server) as watch, Feed(platform, rows, portions=2) as feed:
        feed.next_portion()
        both = [Job(platform, server.address, group=group) for group in ("first", "second")]
        arrivals = feed.finish()
        for job in both:
            job.wait_for_all_rows()
        turned_away = [job.settled_metric("guardRejections") for job in both]
        for job in both:
            job.stop()
        at_once = judge(server, arrivals, watch)

        replay = Job(platform, server.address, group="replay")
        replay.wait_for_all_rows()
        replayed = replay.settled_metric("guardRejections")
        replay.stop()
        after_replay = judge(server, arrivals, watch)
    assert min(turned_away) > 0
    assert replayed > 0
    say(f"two jobs at once: {at_once}; {min(turned_away)} and {max(turned_away)} turned away")
    say(f"after a replay: {after_replay}; {replayed} turned away")

    unguarded = compare(end_state(arrivals, guarded=False), end_state(arrivals))
    assert unguarded.regressed > ROWS / 10, "in this order no guard was needed, so the test proves nothing"
    say(f"control, the last to arrive wins: {unguarded.lost} lost, {unguarded.regressed} regressed")
