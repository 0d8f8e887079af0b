"""The streaming ingestion job: every topic of the feature source -> Redis, through the sink `featuremill-redis`.

A plain PyFlink program: `flink run -py streaming_ingestion.py --bootstrap-servers ... --redis ...`. One job serves all
pipelines: it subscribes to a pattern of topics and finds new ones within ten seconds. Redis' password, where there is
one, comes from the environment variable FEATUREMILL_REDIS_PASSWORD; the connector jars from FEATUREMILL_JARS
(separated as in PATH), else from the cluster's own `lib` folder.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

JOB_NAME = "featuremill-streaming-ingestion"
TOPIC_PREFIX = "features."
DEAD_LETTER_TOPIC = "features-dead-letter"

# Every column is nullable: a null that a column forbids would end the job, here it is a dead letter.
FEATURE_SOURCE = """
CREATE TABLE feature_source (
  entity_key STRING,
  event_time TIMESTAMP_LTZ(3),
  features MAP<STRING, STRING>,
  topic STRING METADATA VIRTUAL,
  `partition` INT METADATA VIRTUAL,
  `offset` BIGINT METADATA VIRTUAL,
  headers MAP<STRING, BYTES> METADATA VIRTUAL
) WITH ({options})
"""

REDIS = """
CREATE TABLE redis (
  entity_key STRING NOT NULL,
  event_time TIMESTAMP_LTZ(3) NOT NULL,
  features MAP<STRING NOT NULL, STRING>,
  pipeline STRING NOT NULL,
  ttl_ms BIGINT,
  sequence BIGINT NOT NULL
) WITH ({options})
"""

DEAD_LETTERS = """
CREATE TABLE dead_letters (
  pipeline STRING,
  stage STRING,
  reason STRING,
  message STRING,
  origin ROW<`table` STRING, topic STRING, `partition` INT, `offset` BIGINT>,
  value_base64 STRING,
  `at` TIMESTAMP_LTZ(3)
) WITH ({options})
"""

# What is wrong with a row that could be parsed; null for a good one.
JUDGED = """
CREATE TEMPORARY VIEW judged AS
SELECT *,
  CASE
    WHEN entity_key IS NULL OR entity_key = '' THEN 'null-key'
    WHEN event_time IS NULL THEN 'null-event-time'
    WHEN features IS NULL OR CARDINALITY(features) = 0 THEN 'bad-features'
    WHEN ttl_text IS NOT NULL AND (ttl_ms IS NULL OR ttl_ms <= 0) THEN 'bad-ttl'
  END AS reason
FROM (
  SELECT *, TRY_CAST(ttl_text AS BIGINT) AS ttl_ms
  FROM (
    SELECT *, SUBSTRING(topic FROM {prefix_length} + 1) AS pipeline, DECODE(headers['ttl_ms'], 'UTF-8') AS ttl_text
    FROM feature_source
  )
)
"""

WRITE = """
INSERT INTO redis
SELECT entity_key, event_time, features, pipeline, ttl_ms, `offset` FROM judged WHERE reason IS NULL
"""

REJECT = """
INSERT INTO dead_letters
SELECT
  pipeline,
  'feature-source',
  reason,
  CASE reason
    WHEN 'null-key' THEN 'entity_key is null or empty'
    WHEN 'null-event-time' THEN 'event_time is null'
    WHEN 'bad-features' THEN 'features is null or empty'
    ELSE 'the header ttl_ms is not a positive number of milliseconds: ' || ttl_text
  END,
  CAST(ROW(CAST(NULL AS STRING), topic, `partition`, `offset`)
    AS ROW<`table` STRING, topic STRING, `partition` INT, `offset` BIGINT>),
  TO_BASE64(JSON_OBJECT(
    'entity_key' VALUE entity_key,
    'event_time' VALUE CAST(event_time AS STRING),
    'features' VALUE JSON_STRING(features)
  )),
  CURRENT_TIMESTAMP
FROM judged
WHERE reason IS NOT NULL
"""


def quoted(text: str) -> str:
    """The text as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def with_options(options: Mapping[str, str]) -> str:
    """The inside of a `WITH (...)` clause."""
    return ",\n  ".join(f"{quoted(key)} = {quoted(value)}" for key, value in options.items())


def feature_source_options(bootstrap_servers: str, group: str, pattern: str) -> dict[str, str]:
    """Options of the Kafka table that reads every topic of the feature source."""
    dead_letter = "value.featuremill-dead-letter."
    return {
        "connector": "kafka",
        "topic-pattern": pattern,
        "properties.bootstrap.servers": bootstrap_servers,
        "properties.group.id": group,
        "scan.startup.mode": "group-offsets",
        "properties.auto.offset.reset": "earliest",
        "scan.topic-partition-discovery.interval": "10 s",
        "value.format": "featuremill-dead-letter",
        dead_letter + "format": "json",
        dead_letter + "json.timestamp-format.standard": "ISO-8601",
        dead_letter + "stage": "feature-source",
        dead_letter + "topic": DEAD_LETTER_TOPIC,
        dead_letter + "bootstrap-servers": bootstrap_servers,
    }


def redis_options(address: str, bootstrap_servers: str, extra: list[str]) -> dict[str, str]:
    """Options of the sink; `extra` holds `option=value` as a person gave them, and wins."""
    host, _, port = address.rpartition(":")
    options = {
        "connector": "featuremill-redis",
        "host": host,
        "port": port,
        "dead-letter.topic": DEAD_LETTER_TOPIC,
        "dead-letter.bootstrap-servers": bootstrap_servers,
    }
    if os.environ.get("FEATUREMILL_REDIS_PASSWORD"):
        options["password"] = os.environ["FEATUREMILL_REDIS_PASSWORD"]
    options.update(pair.partition("=")[::2] for pair in extra)
    return options


def dead_letter_options(bootstrap_servers: str) -> dict[str, str]:
    """Options of the Kafka table that takes dead letters."""
    return {
        "connector": "kafka",
        "topic": DEAD_LETTER_TOPIC,
        "properties.bootstrap.servers": bootstrap_servers,
        "format": "json",
        "json.timestamp-format.standard": "ISO-8601",
    }


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """The command line; a mistake ends the program with exit code 2 and a message that names it."""
    parser = argparse.ArgumentParser(description="Writes every topic of the feature source to Redis.")
    parser.add_argument("--bootstrap-servers", required=True, metavar="HOST:PORT", help="the feature source's Kafka")
    parser.add_argument(
        "--redis", required=True, type=_address, metavar="HOST:PORT", help="the Redis that serving reads"
    )
    parser.add_argument("--group", default="featuremill-ingestion", help="the consumer group (default: %(default)s)")
    parser.add_argument("--topic-pattern", default=r"features\..*", help="which topics (default: %(default)s)")
    parser.add_argument(
        "--sink-option",
        action="append",
        default=[],
        type=_option,
        metavar="OPTION=VALUE",
        help="an option of the sink; may be repeated",
    )
    parser.add_argument("--name", default=JOB_NAME, help="the job's name (default: %(default)s)")
    return parser.parse_args(arguments)


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return text


def _option(text: str) -> str:
    if not text.partition("=")[1]:
        raise argparse.ArgumentTypeError(f"{text!r} is not OPTION=VALUE")
    return text


def main(arguments: list[str]) -> None:
    """Submit the job; prints `job <id>`. It runs until it is stopped."""
    from pyflink.table import EnvironmentSettings, TableEnvironment

    given = parse_arguments(arguments)

    table_environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    configuration = table_environment.get_config()
    configuration.set("table.local-time-zone", "UTC")
    configuration.set("pipeline.name", given.name)
    jars = [jar for jar in os.environ.get("FEATUREMILL_JARS", "").split(os.pathsep) if jar]
    if jars:
        configuration.set("pipeline.jars", ";".join(Path(jar).absolute().as_uri() for jar in jars))

    source = feature_source_options(given.bootstrap_servers, given.group, given.topic_pattern)
    table_environment.execute_sql(FEATURE_SOURCE.format(options=with_options(source)))
    sink = redis_options(given.redis, given.bootstrap_servers, given.sink_option)
    table_environment.execute_sql(REDIS.format(options=with_options(sink)))
    rejects = dead_letter_options(given.bootstrap_servers)
    table_environment.execute_sql(DEAD_LETTERS.format(options=with_options(rejects)))
    table_environment.execute_sql(JUDGED.format(prefix_length=len(TOPIC_PREFIX)))
    statements = table_environment.create_statement_set()
    statements.add_insert_sql(WRITE)
    statements.add_insert_sql(REJECT)
    client = statements.execute().get_job_client()
    assert client is not None
    print(f"job {client.get_job_id()}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
