"""Flink is killed while it writes a partition to Redis: it goes on, or is run again, and verification tells which rows
are there.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fault_runs import Platform, last_checkpoint, number_of_restarts, written
from featuremill_codegen import connectors
from featuremill_local.connector import build_connector, build_control_connector
from featuremill_local.environments import process_environment, python
from featuremill_local.ingestion_check import Check, check_ingestion
from featuremill_local.jars import connector_jar, download
from featuremill_local.redis_server import RedisServer
from featuremill_local.way import BATCH_INGESTION
from waiting import wait_until

pytestmark = pytest.mark.jvm

ROWS = 300_000
NAME, DAY = "many_rows", "2013-06-01"
WRITE = """
import sys, pyarrow, pyarrow.parquet
rows = int(sys.argv[2])
columns = {
    "entity_key": pyarrow.array([f"thing:{n}" for n in range(rows)]),
    "event_time": pyarrow.array([1_370_131_200_000] * rows, pyarrow.timestamp("ms", tz="UTC")),
    "features": pyarrow.array(
        [[("a", str(n)), ("b", None), ("c", "x" * 40)] for n in range(rows)],
        pyarrow.map_(pyarrow.string(), pyarrow.string()),
    ),
}
pyarrow.parquet.write_table(pyarrow.table(columns), sys.argv[1], row_group_size=10_000)
"""


@pytest.fixture(scope="module")
def feature_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feature_source")
    partition = folder / NAME / f"dt={DAY}"
    partition.mkdir(parents=True)
    command = [str(python("job")), "-c", WRITE, str(partition / "part-0.parquet"), str(ROWS)]
    subprocess.run(command, env=process_environment("job"), check=True)
    return folder


@pytest.fixture
def redis(platform: Platform) -> Iterator[RedisServer]:
    with platform.redis() as server:
        yield server


def arguments(feature_source: Path, redis: RedisServer) -> list[str]:
    return [
        *("--feature-source", str(feature_source), "--pipeline", NAME, "--date", DAY),
        *("--redis", redis.address),
    ]


def ingest(platform: Platform, feature_source: Path, redis: RedisServer, *options: str, jars: tuple[Path, ...]) -> str:
    needed = [*jars, *download("parquet"), connector_jar(connectors.KAFKA)]
    return platform.embedded.submit(
        BATCH_INGESTION,
        [
            *arguments(feature_source, redis),
            *("--bootstrap-servers", platform.embedded.kafka_address),
            *(part for option in options for part in ("--sink-option", option)),
        ],
        {"FEATUREMILL_JARS": os.pathsep.join(map(str, needed))},
    )


def verified(feature_source: Path, redis: RedisServer, folder: Path) -> Check:
    return check_ingestion(arguments(feature_source, redis), ROWS, set(), folder)


def wait_until_in_the_middle(platform: Platform, redis: RedisServer, job: str) -> None:
    """Rows are in Redis, a checkpoint behind some of them has completed, and rows are still to come."""
    begun_at = written(redis)
    wait_until(lambda: written(redis) >= begun_at + 10_000, "rows in Redis", 60)
    before = last_checkpoint(platform, job)
    # the next one may have begun already
    wait_until(lambda: last_checkpoint(platform, job) >= before + 2, "a checkpoint behind rows", 60)
    assert written(redis) < begun_at + ROWS, "the rows were through before the fault; let there be more"


def kill_the_task_manager(platform: Platform, redis: RedisServer, job: str) -> None:
    wait_until_in_the_middle(platform, redis, job)
    platform.kill_task_manager()
    wait_until(lambda: number_of_restarts(platform.embedded, job) > 0, "the restart", 60)
    wait_until(lambda: platform.embedded.job_state(job) == "FINISHED", "the job's end", 120)


def test_the_job_goes_on_and_every_row_is_there(platform, feature_source, redis, tmp_path, say):
    job = ingest(platform, feature_source, redis, jars=(build_connector().path,))
    kill_the_task_manager(platform, redis, job)
    check = verified(feature_source, redis, tmp_path)
    assert check.problems == []
    assert check.report["written"] == ROWS
    say(check.line())


def test_control_a_writer_without_state_loses_rows_and_verification_says_so(
    platform, feature_source, redis, tmp_path, say
):
    """It loses what its buffer held at the checkpoint, unless all of it is written before the kill: that is said."""
    jars = (build_connector().path, build_control_connector())
    options = ("connector=featuremill-redis-forgetful", "flush.interval=1 min", "flush.max-rows=100000")
    for attempt in range(3):
        redis.client().flushall()
        job = ingest(platform, feature_source, redis, *options, jars=jars)
        kill_the_task_manager(platform, redis, job)
        check = verified(feature_source, redis, tmp_path)
        if check.report["missing"] > 0:
            break
        say(f"nothing was in the buffer at attempt {attempt + 1}")
    assert check.report["missing"] > 0, "the control lost nothing, so the test above proves nothing"
    assert check.report["written"] + check.report["missing"] == ROWS
    assert "can't be found in Redis" in check.problems[0]
    say(check.line())


def test_a_job_that_is_forgotten_is_run_again_and_every_row_is_there(platform, feature_source, redis, tmp_path, say):
    job = ingest(platform, feature_source, redis, jars=(build_connector().path,))
    wait_until_in_the_middle(platform, redis, job)
    kill_the_cluster(platform)
    wait_until(lambda: forgotten(platform), "the next JobManager", 90)
    half = verified(feature_source, redis, tmp_path)
    assert 0 < half.report["missing"] < ROWS, "verification sees what is not there"
    assert half.problems
    again = ingest(platform, feature_source, redis, jars=(build_connector().path,))
    wait_until(lambda: platform.embedded.job_state(again) == "FINISHED", "the job's end", 120)
    check = verified(feature_source, redis, tmp_path)
    assert (check.problems, check.report["written"]) == ([], ROWS)
    say(f"first {half.line()}; then {check.line()}")


def kill_the_cluster(platform: Platform) -> None:
    """Kill -9 of both. (A TaskManager alone would write on until it misses the JobManager.)"""
    flink = platform.embedded.flink
    platform.run.processes.end(flink.task_managers[-1])
    platform.kill_job_manager()
    flink.start_task_manager()


def forgotten(platform: Platform) -> bool:
    """True when a JobManager answers and knows of no job."""
    try:
        return platform.embedded.flink.get("/jobs") == {"jobs": []}
    except httpx.HTTPError:
        return False
