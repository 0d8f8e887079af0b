-- One row for each departure from Newark, JFK or LaGuardia, written when the aircraft has left the gate.
CREATE TABLE departures (
  flight STRING,
  origin STRING,
  destination STRING,
  scheduled_departure TIMESTAMP_LTZ(3),
  departure_time TIMESTAMP_LTZ(3),
  departure_delay INT,  -- minutes; negative where it left early
  WATERMARK FOR departure_time AS departure_time - INTERVAL '5' MINUTE
) WITH (
  'connector' = 'kafka',
  'topic' = 'flights.departures',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'properties.group.id' = 'airport_departure_delay',
  'scan.startup.mode' = 'group-offsets',
  'properties.auto.offset.reset' = 'earliest',
  'scan.watermark.idle-timeout' = '1 min',
  'format' = 'json',
  'json.timestamp-format.standard' = 'ISO-8601'
);
