"""A Kafka broker of the run's own: KRaft, one process, from Maven's jars."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from featuremill_local.jars import download
from featuremill_local.java import find_java
from featuremill_local.jvm import quick_start_options
from featuremill_local.ports import Ports
from featuremill_local.processes import Process, Processes

START_SECONDS = 60.0


class Kafka:
    """One broker on the loopback interface. `address` is what clients are given."""

    def __init__(self, processes: Processes, ports: Ports) -> None:
        self._processes = processes
        self.port = ports.take()
        self._controller_port = ports.take()
        self.address = f"127.0.0.1:{self.port}"
        self.process: Process | None = None

    def start(self) -> None:
        """Start it and wait until it answers. Raises `PartError`."""
        folder = self._processes.data / "kafka"
        logs = folder / "data"
        logs.mkdir(parents=True)
        # What `kafka-storage format` would write; the command is a JVM of its own that takes three seconds. The rest
        # of a new cluster's metadata is the broker's own default.
        (logs / "meta.properties").write_text(f"version=1\ncluster.id={_cluster_id()}\nnode.id=1\n")
        settings = folder / "server.properties"
        settings.write_text("".join(f"{key}={value}\n" for key, value in self._settings(logs).items()))
        self.process = self._processes.start(
            "kafka",
            [
                find_java().executable,
                "-Xmx384m",
                *quick_start_options(),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                os.pathsep.join(str(jar) for jar in download("kafka-broker")),
                "kafka.Kafka",
                settings,
            ],
        )
        admin = self.admin()
        self.process.wait_until(lambda: _answers(admin), START_SECONDS, "it answered")

    def admin(self) -> AdminClient:
        """A client for topics and groups."""
        # a broker that is still starting refuses connections; the client would log each of them
        return AdminClient(
            {"bootstrap.servers": self.address, "log_level": 0, "socket.connection.setup.timeout.ms": 1000}
        )

    def create_topics(self, topics: list[NewTopic]) -> None:
        """Create the topics and wait until they exist. Raises `KafkaException`."""
        admin = self.admin()  # held: its answers end with it
        for created in admin.create_topics(topics).values():
            created.result(timeout=30)

    def _settings(self, logs: Path) -> dict[str, str | int | Path]:
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller_port}",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self._controller_port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": logs,
            "auto.create.topics.enable": "false",
            "offsets.topic.num.partitions": 1,
            "offsets.topic.replication.factor": 1,
            "transaction.state.log.num.partitions": 1,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            # the sample's rows are from the past, so nothing may be deleted by age
            "log.retention.ms": -1,
        }


def _cluster_id() -> str:
    return uuid.uuid4().hex[:22]


def _answers(admin: AdminClient) -> bool:
    try:
        return bool(admin.list_topics(timeout=0.5).brokers)
    except KafkaException:
        return False
