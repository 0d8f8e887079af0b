-- One row for each flight that was scheduled from Newark, JFK or LaGuardia, written by the nightly export.
CREATE EXTERNAL TABLE flights (
  carrier STRING,
  flight INT,
  origin STRING,
  destination STRING,
  departure_delay INT,  -- minutes; null where the flight was cancelled
  arrival_delay INT  -- minutes; null where it was cancelled or diverted
)
PARTITIONED BY (dt STRING)  -- the local day of the scheduled departure
ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
STORED AS TEXTFILE
LOCATION '${WAREHOUSE}/flights';
