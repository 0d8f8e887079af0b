"""Reads topics of a run's broker: feature rows, dead letters, and how far a consumer group has come."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

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
    consumer = Consumer(
        {
            "bootstrap.servers": kafka,
            "group.id": f"reader-{uuid.uuid4()}",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": False,
        }
    )
    try:
        ends = _ends(consumer, topic)
        left = {partition: end for partition, (begin, end) in ends.items() if end > begin}
        consumer.assign([TopicPartition(topic, partition, 0) for partition in left])
        while left:
            for message in consumer.consume(1000, timeout=READ_SECONDS) or _silent(topic):
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
            time = datetime.fromisoformat(value["event_time"])
            rows.append(FeatureRow(value["entity_key"], time, value["features"], message.partition(), message.offset()))
        except (ValueError, KeyError, TypeError):
            continue
    return rows


def dead_letters(kafka: str, topic: str = "features-dead-letter") -> list[dict[str, Any]]:
    """Every dead letter, as the JSON object that the topic holds."""
    return [json.loads(message.value()) for message in read_all(kafka, topic)]


def end_offsets(kafka: str, topic: str) -> dict[int, int]:
    """The offset after the last message, for each partition."""
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": f"reader-{uuid.uuid4()}"})
    try:
        return {partition: end for partition, (_, end) in _ends(consumer, topic).items()}
    finally:
        consumer.close()


def committed_offsets(admin: AdminClient, group: str, topic: str, partitions: list[int]) -> dict[int, int]:
    """The group's committed offset for each partition; 0 where it has committed none."""
    asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition) for partition in partitions])
    try:
        answer = admin.list_consumer_group_offsets([asked])[group].result(timeout=10)
    except KafkaException:
        return {partition: 0 for partition in partitions}
    return {found.partition: max(found.offset, 0) for found in answer.topic_partitions}


def _ends(consumer: Consumer, topic: str) -> dict[int, tuple[int, int]]:
    partitions = consumer.list_topics(topic, timeout=READ_SECONDS).topics[topic].partitions
    return {
        partition: consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=READ_SECONDS)
        for partition in partitions
    }


def _silent(topic: str) -> list[Any]:
    raise TimeoutError(f"Kafka gave no message of the topic {topic} for {READ_SECONDS:.0f} s")
