"""Produces feature rows to Kafka at a rate; each row's event time is the moment at which it is produced.

    python -m benchmarks.sinks.feed BOOTSTRAP_SERVERS TOPIC RATE ROWS ENTITIES

The entities take turns. Prints the `seconds` that it took as a JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime

from confluent_kafka import Producer

from benchmarks.sinks.rows import TTL_MS, Chunk

TICK_SECONDS = 0.005


def entity(number: int) -> str:
    """The entity key of that number."""
    return f"thing:{number:06d}"


def main(arguments: Iterable[str]) -> None:
    """Produce the rows, each at its time, and wait until Kafka has them all."""
    bootstrap_servers, topic, *numbers = arguments
    rate, rows, entities = map(int, numbers)
    keys = [entity(number).encode() for number in range(entities)]
    features = json.dumps({name: text for name, text in Chunk(0, 1).row(0)[1].items() if name[0] != "@"}).encode()
    producer = Producer({"bootstrap.servers": bootstrap_servers, "log_level": 0})
    failed: list[object] = []
    began = time.monotonic()
    produced = 0
    while produced < rows:
        due = min(rows, int((time.monotonic() - began) * rate) + 1)
        for number in range(produced, due):
            key = keys[number % entities]
            now = datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)
            at = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z".encode()
            producer.produce(
                topic,
                b'{"entity_key": "%b", "event_time": "%b", "features": %b}' % (key, at, features),
                key=key,
                headers={"ttl_ms": str(TTL_MS)},
                on_delivery=lambda error, _: failed.append(error) if error is not None else None,
            )
        produced = due
        producer.poll(0)
        time.sleep(TICK_SECONDS)
    producer.flush()
    if failed:
        sys.exit(f"Kafka refused {len(failed)} rows: {failed[0]}")
    print(json.dumps({"seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main(sys.argv[1:])
