"""Reads topics of a run's broker: feature rows and dead letters."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from featuremill_codegen.dead_letters import TOPIC

READ_SECONDS = 30.0

Offsets = Mapping[int, tuple[int, int]]
"""Partition -> its first offset and the one behind its last."""


@dataclass(frozen=True)
class FeatureRow:
    """A row of the feature source, with the partition and offset at which it lies."""

    entity_key: str
    event_time: datetime
    features: dict[str, str | None]
    partition: int
    offset: int


def offsets(kafka: str, topic: str, seconds: float = READ_SECONDS) -> dict[int, tuple[int, int]]:
    """What the topic holds now; empty where there is no such topic. Raises `KafkaException`."""
    consumer = _consumer(kafka)
    try:
        return _offsets(consumer, topic, seconds)
    finally:
        consumer.close()


def read_all(kafka: str, topic: str, within: Offsets | None = None) -> Iterator[Any]:
    """Every message of the topic that is there now, or those `within`, as confluent_kafka gives it.

    Raises `KafkaException`.
    """
    message: Any
    consumer = _consumer(kafka)
    try:
        wanted = _offsets(consumer, topic, READ_SECONDS) if within is None else within
        left = {partition: end for partition, (first, end) in wanted.items() if end > first}
        consumer.assign([TopicPartition(topic, partition, wanted[partition][0]) for partition in left])
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
                if message.offset() < wanted[message.partition()][1]:
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


def dead_letters(kafka: str, earlier: Offsets | None = None) -> list[dict[str, Any]]:
    """Every dead letter, or those that came after `earlier`, as the JSON object that the topic holds."""
    within = None
    if earlier is not None:
        within = {each: (earlier.get(each, (0, 0))[1], end) for each, (_, end) in offsets(kafka, TOPIC).items()}
    return [json.loads(message.value()) for message in read_all(kafka, TOPIC, within)]


def _consumer(kafka: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": kafka,
            "group.id": f"reader-{uuid.uuid4()}",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
    )


def _offsets(consumer: Consumer, topic: str, seconds: float) -> dict[int, tuple[int, int]]:
    found = consumer.list_topics(topic, timeout=seconds).topics.get(topic)
    if found is None or found.error is not None:
        return {}
    return {
        partition: consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=seconds)
        for partition in found.partitions
    }
