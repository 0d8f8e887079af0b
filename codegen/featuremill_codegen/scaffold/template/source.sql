-- What the pipeline reads, as in production. ${NAME} is a variable: the environment fills it in.
CREATE TABLE page_views (
  page STRING,
  seconds INT,
  viewed_at TIMESTAMP_LTZ(3),
  -- Rows may come five seconds late; later ones don't count.
  WATERMARK FOR viewed_at AS viewed_at - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = '{{ pipeline }}.page_views',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'properties.group.id' = '{{ pipeline }}',
  'scan.startup.mode' = 'group-offsets',
  'properties.auto.offset.reset' = 'earliest',
  'scan.watermark.idle-timeout' = '1 min',
  'format' = 'json',
  'json.timestamp-format.standard' = 'ISO-8601'
);
