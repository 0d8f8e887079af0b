-- One row for each flight that was scheduled from Newark, JFK or LaGuardia, written when it has ended or is cancelled.
CREATE TABLE flights (
  carrier STRING,
  flight INT,
  origin STRING,
  destination STRING,
  departure_delay INT,  -- minutes; null where the flight was cancelled
  arrival_delay INT,  -- minutes; null where it was cancelled or diverted
  dt STRING,  -- the local day of the scheduled departure
  day_begins AS TO_TIMESTAMP(dt, 'yyyy-MM-dd'),
  -- a day is over when a flight has come of the day after the next: those of the night before are in by then
  WATERMARK FOR day_begins AS day_begins - INTERVAL '1' DAY
) WITH (
  'connector' = 'kafka',
  'topic' = 'flights.ended',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'properties.group.id' = 'carrier_daily_quality_stream',
  'scan.startup.mode' = 'group-offsets',
  'properties.auto.offset.reset' = 'earliest',
  'scan.watermark.idle-timeout' = '1 min',
  'format' = 'json'
);
