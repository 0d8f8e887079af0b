-- One row for each flight, written when it has arrived, or was cancelled or diverted (no arrival time then).
CREATE TABLE flights (
  flight STRING,
  tail_number STRING,  -- null where the airline did not report it, which happens for cancelled flights
  origin STRING,
  destination STRING,
  arrival_time TIMESTAMP_LTZ(3),
  arrival_delay INT  -- minutes; negative where it was early
) WITH (
  'connector' = 'kafka',
  'topic' = 'flights.ended',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'properties.group.id' = 'aircraft_rotation',
  'scan.startup.mode' = 'group-offsets',
  'properties.auto.offset.reset' = 'earliest',
  'format' = 'json',
  'json.timestamp-format.standard' = 'ISO-8601'
);

-- Every airport once. Some destinations in the Caribbean are missing.
CREATE TABLE airports (
  faa STRING,
  name STRING,
  latitude DOUBLE,
  longitude DOUBLE
) WITH (
  'connector' = 'kafka',
  'topic' = 'reference.airports',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'properties.group.id' = 'aircraft_rotation',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json'
);
