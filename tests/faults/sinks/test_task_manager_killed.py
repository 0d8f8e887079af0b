"""A TaskManager is killed with rows in the sink's buffer: with the writer's state nothing is lost, without it rows are.

The batch writer holds its rows across checkpoints, so that at the kill every row is in the buffer, the source's
offsets are past them, and nothing but the sink's state knows them.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer
from fault_runs import latest_checkpoint, number_of_restarts, sink_metric, stop_in_order
from featuremill_codegen import connectors
from featuremill_local.connector import build_connector, build_control_connector
from featuremill_local.embedded import Embedded
from featuremill_local.jars import connector_jar
from featuremill_local.progress import Progress
from featuremill_local.runs import new_run
from featuremill_local.way import STREAMING_INGESTION
from rich.console import Console
from waiting import wait_until

pytestmark = pytest.mark.jvm

TOPIC = "features.killed"
ROWS = 12_000


@pytest.fixture(scope="module")
def platform() -> Iterator[Embedded]:
    with new_run("faults") as run, Progress(Console(stderr=True)) as progress:
        platform = Embedded(run)
        platform.start_kafka(progress.step)
        platform.start_redis(progress.step)
        platform.start_flink(progress.step)
        platform.create_topics({TOPIC: 2, "features-dead-letter": 1})
        produce(platform, range(ROWS))
        yield platform


def produce(platform: Embedded, numbers: range) -> None:
    producer = Producer({"bootstrap.servers": platform.kafka_address, "log_level": 0})
    for number in numbers:
        row = {
            "entity_key": f"thing:{number}",
            "event_time": "2013-01-01T06:00:00.000Z",
            "features": {"number": str(number)},
        }
        producer.produce(TOPIC, json.dumps(row).encode(), key=row["entity_key"])
        producer.poll(0)
    producer.flush()


def checkpoint_behind_all_rows(platform: Embedded, job: str) -> bool:
    """A checkpoint that was triggered when the writer held all the rows has completed."""
    if sink_metric(platform, job, "bufferedRows") < ROWS:
        return False
    held_at = time.time() * 1000
    wait_until(
        lambda: (latest_checkpoint(platform, job) or {"trigger_timestamp": 0})["trigger_timestamp"] > held_at,
        "a checkpoint",
        60,
    )
    return True


def things(platform: Embedded) -> dict[str, str | None]:
    client = platform.redis()
    keys = list(client.keys("thing:*"))
    pipeline = client.pipeline(transaction=False)
    for key in keys:
        pipeline.hget(key, "number")
    return dict(zip(keys, pipeline.execute(), strict=True))


def survivors(platform: Embedded, connector: str, jars: list[Path]) -> dict[str, str | None]:
    """What is in Redis after a kill with all rows in the buffer, a restart, and an orderly end."""
    platform.redis().flushdb()
    job = platform.submit(
        STREAMING_INGESTION,
        [
            *("--bootstrap-servers", platform.kafka_address, "--redis", platform.redis_address),
            *("--group", connector, "--name", connector),
            *("--sink-option", f"connector={connector}"),
            *("--sink-option", "writer=batch", "--sink-option", "flush.max-rows=1000000"),
        ],
        {"FEATUREMILL_JARS": os.pathsep.join(map(str, jars))},
    )
    wait_until(lambda: checkpoint_behind_all_rows(platform, job), "a checkpoint behind all rows", 60)
    assert things(platform) == {}, "every row must still be in the buffer"

    victim = platform.flink.task_managers[-1]
    os.kill(victim.pid, signal.SIGKILL)
    victim.popen.wait()
    platform.flink.start_task_manager()
    wait_until(lambda: number_of_restarts(platform, job) > 0, "the restart", 60)
    wait_until(lambda: platform.job_state(job) == "RUNNING", "the job's run", 60)
    before = latest_checkpoint(platform, job)
    wait_until(lambda: latest_checkpoint(platform, job) != before, "a checkpoint after the restart", 60)

    stop_in_order(platform, job)
    return things(platform)


def test_with_the_writers_state_no_row_is_lost(platform):
    jars = [build_connector().path, connector_jar(connectors.KAFKA)]
    found = survivors(platform, "featuremill-redis", jars)
    assert found == {f"thing:{number}": str(number) for number in range(ROWS)}


def test_control_without_the_state_rows_are_lost(platform):
    jars = [build_connector().path, build_control_connector(), connector_jar(connectors.KAFKA)]
    found = survivors(platform, "featuremill-redis-forgetful", jars)
    assert len(found) < ROWS, "the control lost nothing, so the test above proves nothing"
