"""What the fault runs share: the platform, rows fed to Kafka during a fault, the ingestion job, the judgement."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import redis
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from featuremill_codegen import connectors
from featuremill_local.connector import build_connector
from featuremill_local.embedded import Embedded
from featuremill_local.jars import connector_jar
from featuremill_local.progress import Progress
from featuremill_local.redis_server import RedisServer
from featuremill_local.runs import Run, new_run
from last_write_wins import (
    FOR_EVER,
    PIPELINES,
    Arrival,
    Row,
    compare,
    end_expiries,
    end_state,
    wrong_expiries,
)
from rich.console import Console
from waiting import wait_until

WITH_SETTINGS = Path(__file__).parent / "ingestion_with_settings.py"
TOPICS = [f"features.{pipeline}" for pipeline in PIPELINES]
DEAD_LETTERS = "features-dead-letter"
PARTITIONS = 2
WATCHED = 200
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Platform:
    """Kafka and Flink of a run. Each test has a Redis of its own."""

    run: Run
    embedded: Embedded

    @contextmanager
    def redis(self, *, durable: bool = False) -> Iterator[RedisServer]:
        """A Redis that has started, and is gone afterwards."""
        server = RedisServer(self.run.processes, self.run.ports, durable=durable)
        server.start()
        try:
            yield server
        finally:
            if server.process is not None:
                server.kill()

    def start_afresh(self) -> None:
        """End the jobs that a test before left, and make the topics anew, empty."""
        for job in self.embedded.flink.get("/jobs")["jobs"]:
            if job["status"] not in ("FINISHED", "CANCELED", "FAILED"):
                httpx.patch(
                    f"{self.embedded.flink_address}/jobs/{job['id']}?mode=cancel", trust_env=False
                ).raise_for_status()
        admin = AdminClient({"bootstrap.servers": self.embedded.kafka_address, "log_level": 0})
        wanted = {**dict.fromkeys(TOPICS, PARTITIONS), DEAD_LETTERS: 1}
        old = sorted(wanted.keys() & admin.list_topics(timeout=10).topics.keys())
        if old:
            for deleted in admin.delete_topics(old).values():
                deleted.result(timeout=30)
            wait_until(lambda: not wanted.keys() & admin.list_topics(timeout=10).topics.keys(), "the topics' end", 30)
        self.embedded.create_topics(wanted)

    def kill_job_manager(self) -> None:
        """Kill -9 of the JobManager; another is started at once, on the same port."""
        flink = self.embedded.flink
        assert flink.job_manager is not None
        self.run.processes.end(flink.job_manager)
        flink.start_job_manager()

    def kill_task_manager(self) -> None:
        """Kill -9 of the newest TaskManager; another is started at once."""
        flink = self.embedded.flink
        self.run.processes.end(flink.task_managers[-1])
        flink.start_task_manager()


@contextmanager
def new_platform(flink_settings: Callable[[Run], Mapping[str, object]] = lambda run: {}) -> Iterator[Platform]:
    """Kafka and Flink, started, Flink with some more settings."""
    with new_run("faults") as run, Progress(Console(stderr=True)) as progress:
        embedded = Embedded(run)
        embedded.flink.settings.update(flink_settings(run))
        embedded.start_kafka(progress.step)
        embedded.start_flink(progress.step)
        yield Platform(run, embedded)


def latest_checkpoint(embedded: Embedded, job: str) -> dict[str, Any] | None:
    """The last checkpoint that completed."""
    found: dict[str, Any] | None = embedded.flink.get(f"/jobs/{job}/checkpoints")["latest"]["completed"]
    return found


def number_of_restarts(embedded: Embedded, job: str) -> int:
    """How often Flink has restarted the job."""
    found = embedded.flink.get(f"/jobs/{job}/metrics?get=numRestarts")
    return int(found[0]["value"]) if found else 0


def sink_metric(embedded: Embedded, job: str, name: str) -> int:
    """One of the sink's own metrics, summed over its subtasks. A restart of the job sets it back to 0."""
    (vertex,) = embedded.flink.get(f"/jobs/{job}")["vertices"]
    metrics = f"/jobs/{job}/vertices/{vertex['id']}/subtasks/metrics"
    names = [metric["id"] for metric in embedded.flink.get(metrics) if metric["id"].endswith(f".{name}")]
    if not names:
        return 0
    return sum(int(found["sum"]) for found in embedded.flink.get(f"{metrics}?get={quote(','.join(names))}"))


def stop_with_savepoint(embedded: Embedded, job: str) -> str:
    """End the job with its state in a savepoint, and the address of that."""
    stop = {"drain": False, "targetDirectory": embedded.flink.savepoints}
    answer = httpx.post(f"{embedded.flink_address}/jobs/{job}/stop", json=stop, trust_env=False).raise_for_status()
    savepoint = f"/jobs/{job}/savepoints/{answer.json()['request-id']}"
    wait_until(lambda: embedded.flink.get(savepoint)["status"]["id"] == "COMPLETED", "the savepoint", 60)
    wait_until(lambda: embedded.job_state(job) == "FINISHED", "the job's end", 60)
    return str(embedded.flink.get(savepoint)["operation"]["location"])


def cancel(platform: Platform, job: str) -> str:
    """End a job that retains its checkpoints where it is, and the address of the last one."""
    address = f"{platform.embedded.flink_address}/jobs/{job}?mode=cancel"
    httpx.patch(address, trust_env=False).raise_for_status()
    wait_until(lambda: platform.embedded.job_state(job) == "CANCELED", "the job's end", 60)
    return _checkpoint_folder(platform, job, last_checkpoint(platform, job)).as_uri()


def last_checkpoint(platform: Platform, job: str) -> int:
    """The number of the last checkpoint that completed, 0 before it. The REST interface learns of it late."""
    completed = _checkpoint_folder(platform, job, "*").parent.glob("chk-*/_metadata")
    return max((int(path.parent.name.removeprefix("chk-")) for path in completed), default=0)


def _checkpoint_folder(platform: Platform, job: str, number: int | str) -> Path:
    return platform.run.data / "flink" / "checkpoints" / job / f"chk-{number}"


def stop_in_order(embedded: Embedded, job: str) -> None:
    """End the job's input as if no more were to come, and wait for its end."""
    stop = {"drain": True, "targetDirectory": embedded.flink.savepoints}
    httpx.post(f"{embedded.flink_address}/jobs/{job}/stop", json=stop, trust_env=False).raise_for_status()
    wait_until(lambda: embedded.job_state(job) == "FINISHED", "the end of the input", 60)


class Job:
    """The ingestion job, from Kafka to one Redis; it runs when it has been made."""

    def __init__(
        self,
        platform: Platform,
        redis_address: str,
        *sink_options: str,
        group: str = "",
        more_jars: Sequence[Path] = (),
        settings: Mapping[str, object] = {},
    ) -> None:
        """`settings` are Flink's own, beside those of the cluster."""
        jars = [build_connector().path, *more_jars, connector_jar(connectors.KAFKA)]
        self._embedded = platform.embedded
        # a Redis is one test's own, and so is its port: no test goes on at another's offsets
        self._group = group = group or f"ingestion-{redis_address.rpartition(':')[2]}"
        self.id = self._embedded.submit(
            WITH_SETTINGS,
            [
                *(f"{name}={value}" for name, value in settings.items()),
                *("--bootstrap-servers", self._embedded.kafka_address, "--redis", redis_address),
                *("--group", group, "--name", group),
                *(part for option in sink_options for part in ("--sink-option", option)),
            ],
            {"FEATUREMILL_JARS": os.pathsep.join(map(str, jars))},
        )
        self.wait_for_checkpoint()

    @property
    def restarts(self) -> int:
        """How often Flink has restarted it."""
        return number_of_restarts(self._embedded, self.id)

    def metric(self, name: str) -> int:
        """One of the sink's own metrics since the last restart. Flink's answer is some tenths of a second old."""
        return sink_metric(self._embedded, self.id, name)

    def settled_metric(self, name: str) -> int:
        """The same when nothing happens any more: what Flink fetched after it was asked a first time."""
        self.metric(name)
        self.wait_for_checkpoint()
        return self.metric(name)

    def wait_for_checkpoint(self) -> None:
        """Wait until it runs and has completed one more checkpoint."""
        before = latest_checkpoint(self._embedded, self.id)
        wait_until(lambda: latest_checkpoint(self._embedded, self.id) != before, "a checkpoint", 90)

    def wait_for_all_rows(self) -> None:
        """Wait until a checkpoint says that every row in Kafka is dealt with. Nothing may have become a dead letter."""
        consumer = Consumer(
            {"bootstrap.servers": self._embedded.kafka_address, "group.id": self._group, "log_level": 0}
        )
        partitions = [TopicPartition(topic, number) for topic in TOPICS for number in range(PARTITIONS)]
        ends = [consumer.get_watermark_offsets(partition)[1] for partition in partitions]

        def committed() -> list[int]:
            return [found.offset for found in consumer.committed(partitions, timeout=10)]

        try:
            wait_until(lambda: committed() == ends, "the offsets behind all rows", 120)
            assert consumer.get_watermark_offsets(TopicPartition(DEAD_LETTERS, 0)) == (0, 0)
        finally:
            consumer.close()

    def stop(self) -> None:
        """End it in order, with nothing left in its buffer."""
        stop_in_order(self._embedded, self.id)


class Feed:
    """Produces rows in the background, at a rate, in portions: so a fault finds rows before, in and behind the sink."""

    def __init__(self, platform: Platform, rows: Sequence[Row], portions: int, rate: int = 10_000) -> None:
        self.rows = rows
        self.arrivals: list[Arrival] = []
        self._producer = Producer(
            {"bootstrap.servers": platform.embedded.kafka_address, "log_level": 0, "enable.idempotence": True}
        )
        self._portion = -(-len(rows) // portions)
        self._rate = rate
        self._released = 0
        self._change = threading.Condition()
        self._stopped = False
        self._failed: list[str] = []
        self._thread = threading.Thread(target=self._produce)

    def __enter__(self) -> Feed:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._change:
            self._stopped = True
            self._change.notify_all()
        self._thread.join()

    def next_portion(self) -> None:
        """Let the next portion of the rows go; returns at once."""
        with self._change:
            self._released += self._portion
            self._change.notify_all()

    @property
    def in_a_portion(self) -> bool:
        """True while rows of what was let go are still to come."""
        return len(self.arrivals) < min(self._released, len(self.rows))

    def finish(self) -> list[Arrival]:
        """Let all rows go; returns when Kafka has them, with the offsets that it gave them."""
        with self._change:
            self._released = len(self.rows)
            self._change.notify_all()
        self._thread.join()
        assert not self._failed, self._failed[:3]
        assert len(self.arrivals) == len(self.rows)
        return self.arrivals

    def _produce(self) -> None:
        chunk = max(1, self._rate // 50)
        for first in range(0, len(self.rows), chunk):
            begun = time.monotonic()
            with self._change:
                self._change.wait_for(lambda first=first: self._stopped or self._released > first)  # type: ignore[misc]
            for row in self.rows[first : first + chunk]:
                self._produce_one(row)
            self._producer.flush()
            with self._change:
                rest = begun + chunk / self._rate - time.monotonic()
                self._change.wait_for(lambda: self._stopped, timeout=max(0.0, rest))
                if self._stopped:
                    return

    def _produce_one(self, row: Row) -> None:
        def delivered(error: Any, message: Any) -> None:
            if error is not None:
                self._failed.append(str(error))
            else:
                self.arrivals.append(Arrival(row, message.offset(), message.timestamp()[1]))

        time_text = datetime.fromtimestamp(row.event_time / 1000, UTC).isoformat(timespec="milliseconds")
        value = {
            "entity_key": row.entity_key,
            "event_time": time_text.replace("+00:00", "Z"),
            "features": row.features,
        }
        self._producer.produce(
            f"features.{row.pipeline}",
            json.dumps(value).encode(),
            key=row.entity_key,
            headers=[] if row.ttl_ms is None else [("ttl_ms", str(row.ttl_ms).encode())],
            on_delivery=delivered,
        )
        self._producer.poll(0)


class Watch:
    """Reads some entities' places in time again and again: no reader may ever see one go back, not only at the end."""

    def __init__(self, server: RedisServer) -> None:
        self._client = redis.Redis(host="127.0.0.1", port=server.port, decode_responses=True, socket_timeout=1)
        self._seen: dict[tuple[str, str], tuple[int, int]] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.rounds = 0
        self.regressions: list[str] = []

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._client.close()

    def wait_for_look(self) -> None:
        """Wait until it has seen what is in Redis now: the look under way may have begun before, the next has not."""
        before = self.rounds
        wait_until(lambda: self.rounds >= before + 2, "a look at the rows", 30)

    def _watch(self) -> None:
        watched = [(f"thing:{entity}", f"@{pipeline}") for entity in range(WATCHED) for pipeline in PIPELINES]
        while not self._stopped.wait(POLL_SECONDS):
            reads = self._client.pipeline(transaction=False)
            for key, name in watched:
                reads.hget(key, name)
            try:
                found = reads.execute()
            except redis.RedisError:
                continue  # it is paused, or dead: that's what the test is about
            self.rounds += 1
            for place, text in zip(watched, found, strict=True):
                self._check(place, text)

    def _check(self, place: tuple[str, str], text: str | None) -> None:
        before = self._seen.get(place)
        if text is None:
            if before is not None:
                self.regressions.append(f"{place} was {before} and is gone")
            return
        time_ms, _, sequence = text.rpartition("-")
        now = (int(time_ms), int(sequence))
        if before is not None and now < before:
            self.regressions.append(f"{place} was {before} and is {now}")
        self._seen[place] = now


def written(server: RedisServer) -> int:
    """How many writes the server has taken since it started."""
    return int(server.client().info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"])


def wait_until_writing(feed: Feed, server: RedisServer, writes: int = 1_000) -> None:
    """Let a portion of the rows go, and wait until Redis is in the middle of it."""
    before = written(server)
    feed.next_portion()
    wait_until(lambda: written(server) >= before + writes, "writes", 60)
    assert feed.in_a_portion, "the rows were through before the fault; let the portions be larger"


def contents(server: RedisServer) -> dict[str, dict[str, str]]:
    """Every key with all its fields."""
    client = server.client()
    keys = list(client.scan_iter(count=1_000))
    reads = client.pipeline(transaction=False)
    for key in keys:
        reads.hgetall(key)
    return dict(zip(keys, reads.execute(), strict=True))


def expiries(server: RedisServer) -> dict[str, int]:
    """When each key expires, in milliseconds since the epoch."""
    client = server.client()
    keys = list(client.scan_iter(count=1_000))
    reads = client.pipeline(transaction=False)
    for key in keys:
        reads.pexpiretime(key)
    never = -1
    return {key: FOR_EVER if expiry == never else expiry for key, expiry in zip(keys, reads.execute(), strict=True)}


def judge(server: RedisServer, arrivals: Sequence[Arrival], watch: Watch, *, ordered: bool = True) -> str:
    """Fails unless all in Redis, its expiry too, is the model's and the watch saw nothing go back; figures in words.

    Not `ordered`: the rows came to the sink in another order than by offset, too.
    """
    expected = end_state(arrivals)
    verdict = compare(contents(server), expected)
    assert (verdict.lost, verdict.regressed) == (0, 0), "\n".join(verdict.examples)
    assert watch.rounds > 0
    assert watch.regressions == []
    judged_at = time.time_ns() // 1_000_000 + 1
    found = expiries(server)
    wrong = wrong_expiries(found, end_expiries(arrivals, judged_at, ordered=ordered))
    assert wrong == [], f"{len(wrong)} expiries are wrong: {wrong[:10]}"
    expiring = sum(at != FOR_EVER for at in found.values())
    assert 0 < expiring < len(found), "both kinds of keys are to be judged"
    fields = sum(len(fields) for fields in expected.values())
    return (
        f"{len(arrivals)} rows, {len(expected)} keys with {fields} fields, {watch.rounds} looks at {WATCHED} of them: "
        f"{verdict.lost} lost, {verdict.regressed} regressed, {expiring} expiring keys: {len(wrong)} wrong"
    )
