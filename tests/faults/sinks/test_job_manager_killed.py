"""The JobManager is killed while rows come. With high availability by ZooKeeper its successor goes on with the job."""

from __future__ import annotations

import os
import socket
from typing import Any

import httpx
import pytest
from fault_runs import Feed, Job, Platform, Watch, judge, new_platform, wait_until_writing
from featuremill_local.jars import download
from featuremill_local.java import find_java
from featuremill_local.jvm import quick_start_options
from featuremill_local.runs import Run
from last_write_wins import generate
from waiting import wait_until

pytestmark = pytest.mark.jvm

ROWS = 100_000
KILLS = 3
START_SECONDS = 60.0


def high_availability(run: Run) -> dict[str, object]:
    """Start a ZooKeeper; the settings of a Flink that leaves its jobs' whereabouts there."""
    return {
        "high-availability.type": "zookeeper",
        "high-availability.zookeeper.quorum": f"127.0.0.1:{start_zookeeper(run)}",
        "high-availability.storageDir": (run.data / "flink" / "high-availability").as_uri(),
        # how long a dead JobManager counts as the leader
        "high-availability.zookeeper.client.session-timeout": "3 s",
    }


def start_zookeeper(run: Run) -> int:
    """One server of the run's own; its port."""
    port = run.ports.take()
    folder = run.data / "zookeeper"
    folder.mkdir()
    settings = folder / "zoo.cfg"
    settings.write_text(
        f"tickTime=500\ndataDir={folder}\nclientPort={port}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n"
    )
    process = run.processes.start(
        "zookeeper",
        [
            find_java().executable,
            "-Xmx128m",
            *quick_start_options(),
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            os.pathsep.join(str(jar) for jar in download("zookeeper")),
            "org.apache.zookeeper.server.ZooKeeperServerMain",
            settings,
        ],
    )
    process.wait_until(lambda: serves(port), START_SECONDS, "it answered")
    return port


def serves(port: int) -> bool:
    """True when ZooKeeper answers its command `srvr`."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"srvr")
            return b"Mode: standalone" in connection.makefile("rb").read()
    except OSError:
        return False


def answer(platform: Platform, path: str) -> Any:
    """What Flink's REST interface says, or None while it says nothing."""
    try:
        return platform.embedded.flink.get(path)
    except httpx.HTTPError:
        return None


def restored(platform: Platform, job: Job) -> bool:
    """True when the JobManager that answers has brought the job back from a checkpoint. A new one has counted none."""
    checkpoints = answer(platform, f"/jobs/{job.id}/checkpoints")
    return bool(checkpoints and checkpoints["latest"]["restored"])


def test_with_high_availability_the_next_one_goes_on_and_nothing_is_lost(say):
    with new_platform(high_availability) as platform:
        platform.start_afresh()
        rows = generate(ROWS, seed=7)
        with platform.redis() as server, Watch(server) as watch, Feed(platform, rows, KILLS + 1) as feed:
            job = Job(platform, server.address)
            for _ in range(KILLS):
                wait_until_writing(feed, server)
                platform.kill_job_manager()
                wait_until(lambda: restored(platform, job), "the job's return", 90)
                job.wait_for_checkpoint()
            arrivals = feed.finish()
            job.wait_for_all_rows()
            job.stop()
            say(f"{judge(server, arrivals, watch)}; {KILLS} kills, each with a restored checkpoint")


def test_control_without_it_the_job_is_forgotten():
    with new_platform() as platform:
        platform.start_afresh()
        with platform.redis() as server:
            job = Job(platform, server.address)
            platform.kill_job_manager()
            wait_until(lambda: answer(platform, "/jobs") is not None, "the next JobManager", 90)
            assert answer(platform, "/jobs") == {"jobs": []}
            assert answer(platform, f"/jobs/{job.id}") is None
