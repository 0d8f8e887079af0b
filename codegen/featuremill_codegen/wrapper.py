"""The SQL around a pipeline's query: from its changelog to rows of the feature source, and to dead letters."""

from __future__ import annotations

from textwrap import indent

from featuremill_codegen.dead_letters import TOPIC
from featuremill_codegen.entity_key import entity_key_sql
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.values import text_sql
from featuremill_codegen.variables import BOOTSTRAP_SERVERS

_ISO_TIME = "'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''"


_PRESENT = "_op IN ('INSERT', 'UPDATE_AFTER')"


def feature_rows(pipeline: Pipeline) -> str:
    """The view over the query's changelog: key, event time and values, and what a dead letter needs."""
    entity = pipeline.config.entity
    key = indent(entity_key_sql(entity.name, entity.keys, pipeline.key_types), "  ").strip()
    texts = {feature.name: text_sql(f"`{feature.name}`", feature.type) for feature in pipeline.features}
    values = ",\n".join(f"    '{name}', {text}" for name, text in texts.items())
    nulls = ",\n".join(f"    '{name}', CAST(NULL AS STRING)" for name in texts)
    key_texts = {name: f"CAST(`{name}` AS STRING)" for name in entity.keys}
    event_time = text_sql("`event_time`", pipeline.event_time_type)
    parts = {**key_texts, "event_time": event_time, **texts}
    row = ",\n".join(f"    '{name}' VALUE {text}" for name, text in parts.items())
    present = {
        name: f"`{name}` <> ''" if kind.is_text else f"`{name}` IS NOT NULL"
        for name, kind in zip(entity.keys, pipeline.key_types, strict=True)
    }
    missing = ", ".join(f"CASE WHEN ({test}) IS NOT TRUE THEN '{name}' END" for name, test in present.items())
    return f"""CREATE TEMPORARY VIEW feature_rows AS
SELECT
  {key} AS entity_key,
  CAST(`event_time` AS TIMESTAMP_LTZ(3)) AS event_time,
  CASE WHEN {_PRESENT} THEN MAP[
{values}
  ] ELSE MAP[
{nulls}
  ] END AS features,
{_headers(pipeline)}  {_PRESENT} AS is_present,
  {" AND ".join(present.values())} AS has_key,
  CONCAT_WS(', ', {missing}) AS missing_keys,
  JSON_OBJECT(
{row}
    NULL ON NULL
  ) AS row_json
FROM TO_CHANGELOG(input => TABLE feature_query, op => DESCRIPTOR(_op))"""


def _headers(pipeline: Pipeline) -> str:
    ttl = pipeline.config.ttl
    return "" if ttl is None else f"  MAP['ttl_ms', CAST('{ttl}' AS BYTES)] AS headers,\n"


def feature_source(pipeline: Pipeline) -> str:
    """The Kafka table of the feature source, in the one schema that all pipelines share."""
    headers = "" if pipeline.config.ttl is None else ",\n  headers MAP<STRING, BYTES> METADATA"
    return f"""CREATE TABLE feature_source (
  entity_key STRING NOT NULL,
  event_time TIMESTAMP_LTZ(3) NOT NULL,
  features MAP<STRING NOT NULL, STRING>{headers}
) WITH (
  'connector' = 'kafka',
  'topic' = 'features.{pipeline.name}',
  'properties.bootstrap.servers' = '${{{BOOTSTRAP_SERVERS}}}',
  'key.format' = 'raw',
  'key.fields' = 'entity_key',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'sink.delivery-guarantee' = 'at-least-once'
)"""


def feature_insert(pipeline: Pipeline) -> str:
    """The insert of every row that has a key and an event time."""
    headers = "" if pipeline.config.ttl is None else ", headers"
    return f"""INSERT INTO feature_source
SELECT entity_key, event_time, features{headers}
FROM feature_rows
WHERE has_key AND event_time IS NOT NULL"""


def dead_letter_table() -> str:
    """The Kafka table of dead letters, the same for every pipeline and stage."""
    return f"""CREATE TABLE features_dead_letter (
  pipeline STRING,
  stage STRING,
  reason STRING,
  message STRING,
  origin ROW<`table` STRING, topic STRING, `partition` INT, `offset` BIGINT>,
  value_base64 STRING,
  `at` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = '{TOPIC}',
  'properties.bootstrap.servers' = '${{{BOOTSTRAP_SERVERS}}}',
  'format' = 'json',
  'sink.delivery-guarantee' = 'at-least-once'
)"""


def dead_letter_insert(pipeline: Pipeline) -> str:
    """The insert of rows without a key or event time. Taking such a row back is no second dead letter."""
    return f"""INSERT INTO features_dead_letter
SELECT
  '{pipeline.name}',
  'query',
  CASE WHEN has_key IS NOT TRUE THEN 'null-key' ELSE 'null-event-time' END,
  CASE WHEN has_key IS NOT TRUE THEN 'null or empty key: ' || missing_keys ELSE 'event_time is null' END,
  ROW(CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS INT), CAST(NULL AS BIGINT)),
  TO_BASE64(row_json),
  DATE_FORMAT(CURRENT_TIMESTAMP, {_ISO_TIME})
FROM feature_rows
WHERE is_present AND (has_key IS NOT TRUE OR event_time IS NULL)"""
