"""Reads topics of a run's broker: feature rows and dead letters."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from featuremill_codegen.dead_letters import TOPIC

READ_SECONDS = 30.0


@dataclass(frozen=True)
class FeatureRow:
    """A row of the feature source, with the partition and offset at which it lies."""

    entity_key: str
    event_time: datetime
    features: dict[str, str | None]
    partition: int
    offset: int


def read_all(kafka: str, topic: str) -> Iterator[Any]:
    """Every message of the topic that is there now, as confluent_kafka gives it. Raises `KafkaException`."""
    message: Any
    consumer = Consumer(
        {
            "bootstrap.servers": kafka,
            "group.id": f"reader-{uuid.uuid4()}",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
    )
    try:
        ends = _ends(consumer, topic)
        left = {partition: end for partition, (begin, end) in ends.items() if end > begin}
        consumer.assign([TopicPartition(topic, partition, 0) for partition in left])
        heard = time.monotonic()
        while left:
            # it waits for so many messages or so long, whichever comes first
            messages = consumer.consume(1000, timeout=0.1)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() - heard > READ_SECONDS:
                raise TimeoutError(f"Kafka gave no message of the topic {topic} for {READ_SECONDS:.0f} s")
            for message in messages:
                if message.error():
                    raise KafkaException(message.error())
                yield message
                if message.offset() + 1 >= left.get(message.partition(), 0):
                    left.pop(message.partition(), None)
    finally:
        consumer.close()


def feature_rows(kafka: str, topic: str) -> list[FeatureRow]:
    """Every row of a feature-source topic that can be read; the others are for the ingestion job to report."""
    rows = []
    for message in read_all(kafka, topic):
        try:
            value = json.loads(message.value())
            event_time = datetime.fromisoformat(value["event_time"])
            rows.append(
                FeatureRow(value["entity_key"], event_time, value["features"], message.partition(), message.offset())
            )
        except (ValueError, KeyError, TypeError):
            continue
    return rows


def dead_letters(kafka: str, topic: str = TOPIC) -> list[dict[str, Any]]:
    """Every dead letter, as the JSON object that the topic holds."""
    return [json.loads(message.value()) for message in read_all(kafka, topic)]


def _ends(consumer: Consumer, topic: str) -> dict[int, tuple[int, int]]:
    partitions = consumer.list_topics(topic, timeout=READ_SECONDS).topics[topic].partitions
    return {
        partition: consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=READ_SECONDS)
        for partition in partitions
    }
