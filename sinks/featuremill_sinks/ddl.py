"""What both ingestion jobs say in SQL: the sink's table, dead letters, and what is wrong with a row."""

from __future__ import annotations

from featuremill_sinks.options import SinkOptions, with_options

DEAD_LETTER_TOPIC = "features-dead-letter"

# The connector takes these columns, in this order, and no others.
SINK_COLUMNS = {
    "entity_key": "STRING NOT NULL",
    "event_time": "TIMESTAMP_LTZ(3) NOT NULL",
    "features": "MAP<STRING NOT NULL, STRING>",
    "pipeline": "STRING NOT NULL",
    "ttl_ms": "BIGINT",
    "sequence": "BIGINT NOT NULL",
}

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

# The reason for which a row of the feature source can't be written; a CASE without its END, so that a job can add one.
REASON = """
  CASE
    WHEN entity_key IS NULL OR entity_key = '' THEN 'null-key'
    WHEN event_time IS NULL THEN 'null-event-time'
    WHEN features IS NULL OR CARDINALITY(features) = 0 THEN 'bad-features'
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
    ELSE {other_message}
  END,
  CAST(ROW({origin}) AS ROW<`table` STRING, topic STRING, `partition` INT, `offset` BIGINT>),
  TO_BASE64(JSON_OBJECT(
    'entity_key' VALUE entity_key,
    'event_time' VALUE CAST(event_time AS STRING),
    'features' VALUE JSON_STRING(features)
  )),
  CURRENT_TIMESTAMP
FROM judged
WHERE reason IS NOT NULL
"""


def redis_table(options: SinkOptions) -> str:
    """`CREATE TABLE redis`. Secrets are in it."""
    columns = ",\n  ".join(f"{name} {kind}" for name, kind in SINK_COLUMNS.items())
    return f"CREATE TABLE redis (\n  {columns}\n) WITH (\n  {options.with_clause()}\n)"


def dead_letters_table(bootstrap_servers: str) -> str:
    """`CREATE TABLE dead_letters`, which takes the rows of `REJECT`."""
    options = {
        "connector": "kafka",
        "topic": DEAD_LETTER_TOPIC,
        "properties.bootstrap.servers": bootstrap_servers,
        "format": "json",
        "json.timestamp-format.standard": "ISO-8601",
    }
    return DEAD_LETTERS.format(options=with_options(options))
