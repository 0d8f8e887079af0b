-- One row for each flight that was scheduled from Newark, JFK or LaGuardia, written by the nightly export.
CREATE EXTERNAL TABLE airport_flights (
  origin STRING,
  hour INT,  -- of the scheduled departure, in local time
  departure_delay INT  -- minutes; null where the flight was cancelled
)
PARTITIONED BY (dt STRING)  -- the local day of the scheduled departure
ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
STORED AS TEXTFILE
LOCATION '${WAREHOUSE}/airport_flights';

-- What the airports' weather stations measured, one row for each hour of the local day.
CREATE EXTERNAL TABLE weather (
  origin STRING,
  hour INT,
  visibility DOUBLE,  -- miles, at most 10
  wind_speed DOUBLE,  -- miles an hour
  precipitation DOUBLE  -- inches
)
PARTITIONED BY (dt STRING)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
STORED AS TEXTFILE
LOCATION '${WAREHOUSE}/weather';
