"""The streaming ingestion job: every topic of the feature source -> Redis, through the sink `featuremill-redis`.

A plain PyFlink program: `flink run -pyfs sinks -pym featuremill_sinks.streaming_ingestion --bootstrap-servers ...
--redis ...`. One job serves all pipelines: it subscribes to a pattern of topics and finds new ones within ten seconds.

With `--topic features.<pipeline>` and a `--range` for each of its partitions it is a replay: it reads these offsets,
leaves the committed ones of other jobs alone, and ends. A row has the place in time that it had when it was written
first, its event time and its offset, so the guard keeps it from whatever is newer; `--from` and `--before` choose rows
by event time.

Redis' password, where there is one, comes from the environment variable FEATUREMILL_REDIS_PASSWORD; the connector jars
from FEATUREMILL_JARS (separated as in PATH), else from the cluster's own `lib` folder.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from featuremill_sinks.ddl import DEAD_LETTER_TOPIC, REASON, REJECT, dead_letters_table, redis_table
from featuremill_sinks.options import SinkOptions, with_options
from featuremill_sinks.program import Parser, dead_letter_options, execute, run, table_environment
from featuremill_sinks.replay import add_replay, check_replay, of_event_times, offset_options

JOB_NAME = "featuremill-streaming-ingestion"
TOPIC_PREFIX = "features."

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

# What is wrong with a row that could be parsed; null for a good one.
JUDGED = """
CREATE TEMPORARY VIEW judged AS
SELECT *, {reason} WHEN ttl_text IS NOT NULL AND (ttl_ms IS NULL OR ttl_ms <= 0) THEN 'bad-ttl' END AS reason
FROM (
  SELECT *, TRY_CAST(ttl_text AS BIGINT) AS ttl_ms
  FROM (
    SELECT *, SUBSTRING(topic FROM {prefix_length} + 1) AS pipeline, DECODE(headers['ttl_ms'], 'UTF-8') AS ttl_text
    FROM feature_source
    WHERE {when}
  )
)
"""

WRITE = """
INSERT INTO redis
SELECT entity_key, event_time, features, pipeline, ttl_ms, `offset` FROM judged WHERE reason IS NULL
"""

BAD_TTL = "'the header ttl_ms is not a positive number of milliseconds: ' || ttl_text"
ORIGIN = "CAST(NULL AS STRING), topic, `partition`, `offset`"


def feature_source_options(bootstrap_servers: str, offsets: Mapping[str, str]) -> dict[str, str]:
    """Options of the Kafka table that reads the feature source; `offsets` says which topics, from where to where."""
    dead_letter = "value.featuremill-dead-letter."
    return {
        "connector": "kafka",
        **offsets,
        "properties.bootstrap.servers": bootstrap_servers,
        "value.format": "featuremill-dead-letter",
        dead_letter + "format": "json",
        dead_letter + "json.timestamp-format.standard": "ISO-8601",
        dead_letter + "stage": "feature-source",
        dead_letter + "topic": DEAD_LETTER_TOPIC,
        dead_letter + "bootstrap-servers": bootstrap_servers,
    }


def offsets_of_group(group: str, pattern: str) -> dict[str, str]:
    """The options by which it reads every topic of the pattern, new ones too, from where the group has come to."""
    return {
        "topic-pattern": pattern,
        "properties.group.id": group,
        "scan.startup.mode": "group-offsets",
        "properties.auto.offset.reset": "earliest",
        "scan.topic-partition-discovery.interval": "10 s",
    }


def parse_arguments(arguments: list[str]) -> tuple[argparse.Namespace, SinkOptions]:
    """The command line and the sink's options. A mistake ends the program, exit code 2, and is named."""
    parser = Parser("Writes every topic of the feature source to Redis.")
    parser.add_argument("--bootstrap-servers", required=True, metavar="HOST:PORT", help="the feature source's Kafka")
    parser.add_argument("--group", default="featuremill-ingestion", help="the consumer group (default: %(default)s)")
    parser.add_argument("--topic-pattern", default=r"features\..*", help="which topics (default: %(default)s)")
    parser.add_argument("--name", default=JOB_NAME, help="the job's name (default: %(default)s)")
    add_replay(parser)
    given = parser.parse_all(arguments)
    check_replay(parser, given, TOPIC_PREFIX)
    return given, parser.sink_options(given, dead_letter_options(given.bootstrap_servers))


def main(arguments: list[str]) -> None:
    """Submit the job; prints `job <id>`. It runs until it is stopped, or a replay until its end."""
    given, sink = parse_arguments(arguments)
    environment = table_environment(given.name)
    if given.topic is not None:
        offsets = offset_options(given.topic, given.ranges)
    else:
        offsets = offsets_of_group(given.group, given.topic_pattern)
    source = feature_source_options(given.bootstrap_servers, offsets)
    environment.execute_sql(FEATURE_SOURCE.format(options=with_options(source)))
    environment.execute_sql(redis_table(sink))
    environment.execute_sql(dead_letters_table(given.bootstrap_servers))
    when = of_event_times(given.first, given.before)
    environment.execute_sql(JUDGED.format(reason=REASON, prefix_length=len(TOPIC_PREFIX), when=when))
    execute(environment, [WRITE, REJECT.format(other_message=BAD_TTL, origin=ORIGIN)])


if __name__ == "__main__":
    run(main, sys.argv[1:])
